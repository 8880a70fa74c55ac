"""Which state of a row somebody saw, fact by fact, so that a save over a newer one is noticed.

A version is opaque: of each fact a mark of its name and one of its value, in the order of the names. So it says which
facts differ, a step asks for its own alone, and no column has to count what background work changes beside.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models

from riskregister.canonical import canonical
from riskregister.refusals import Conflict

Facts = Callable[[Any], Mapping[str, Any]]
# Together nine bytes, which are twelve characters. Whoever forges a mark overwrites what they may change anyway.
_OF_NAME, _OF_VALUE = 3, 6


class ChangedMeanwhile(Conflict):
    """Somebody else saved the row after this person had read it; `row` is as it is now, `names` what differs."""

    def __init__(self, row: models.Model, names: tuple[str, ...]) -> None:
        """Keep the row and the names."""
        self.row, self.names = row, names
        words = ", ".join(name.replace("_", " ") for name in names)
        super().__init__(f"Somebody else has changed this meanwhile: {words}. Look at it again.", field="version")


def facts(*names: str) -> Facts:
    """Return the function that reads these fields off a row, references by their keys."""
    return lambda row: {name: row.__dict__[row._meta.get_field(name).attname] for name in names}


def version(seen: Mapping[str, Any]) -> str:
    """Return the version of facts with these values: texts, numbers, days, references, or lists of these."""
    marks = (_mark(name)[:_OF_NAME] + _mark_of_value(value) for name, value in sorted(seen.items()))
    return base64.urlsafe_b64encode(b"".join(marks)).decode()


def differing(now: Mapping[str, Any], seen: str) -> tuple[str, ...]:
    """Return the names of the facts that are not as this version says, all of them for a text that is no version."""
    known = _read(seen)
    return tuple(name for name, value in now.items() if known.get(_mark(name)[:_OF_NAME]) != _mark_of_value(value))


def _read(seen: str) -> dict[bytes, bytes]:
    length = _OF_NAME + _OF_VALUE
    try:
        raw = base64.b64decode(seen.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return {}
    return {raw[at : at + _OF_NAME]: raw[at + _OF_NAME : at + length] for at in range(0, len(raw), length)}


def _mark_of_value(value: Any) -> bytes:
    return _mark(canonical(_plain(value)))[:_OF_VALUE]


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, str):
        # A browser sends its own ends of lines.
        return value.replace("\r\n", "\n").strip()
    if isinstance(value, Decimal):
        # 10 and 10.00 are one number.
        return f"{value.normalize():f}"
    return str(value) if isinstance(value, UUID | date) else value


def _mark(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
