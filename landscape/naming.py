"""What the rows of this room share when they are changed, and that their owners work where they belong."""

from collections.abc import Mapping
from typing import Any

from django.db import models

from vendors import fields
from vendors.fields import Cleaner


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
