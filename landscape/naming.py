"""What the rows of this room share when they are written: names that a unit gives once, owners, numbers."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from riskregister.refusals import Refused
from vendors import fields
from vendors.fields import Cleaner


def number(least: int, most: int, *, of: str) -> Cleaner:
    """Return the cleaner of a whole number of hours, days and the like, or None for what nobody knows."""

    def clean(value: Any, field: str) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Refused(f"Give whole {of} from {least} to {most}, or leave it open.", field=field)
        return value

    return clean


def changed(row: Any, changes: Mapping[str, Any], cleaners: Mapping[str, Cleaner]) -> dict[str, Any]:
    """Return what the changes change, put on the row. Raises Refused for a bad value, or a new owner from elsewhere."""
    found = fields.differing(row, fields.clean(changes, cleaners))
    fields.put_on(row, found)
    if "owner" in found:
        refuse_stranger(row)
    return found


def refuse_stranger(row: models.Model) -> None:
    """Raise Refused for an owner who has no role where the row belongs."""
    held: Any = row
    fields.refuse_outsider(held.owner, unit_id=held.unit_id, field="owner")
