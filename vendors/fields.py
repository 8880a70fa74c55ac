"""How what people type becomes fields: one cleaner for each field that may be set, and nothing else."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction

from accounts import access
from accounts.models import User
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_name, clean_text, clean_url, clean_word

Cleaner = Callable[[Any, str], Any]
# A host with a dot and perhaps a port, then nothing or a path: "mailto:x", "javascript:x" and "a@b.example" are none.
_BARE_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?(?=[/?#]|\Z)", re.IGNORECASE)
# Beyond these a day was mistyped: nobody signs for a century.
FIRST_YEAR, LAST_YEAR = 1970, 2199
AT_ONCE = "Somebody else changed this at the same time. Look again."


def name(limit: int) -> Cleaner:
    """Return the cleaner of a name on one line."""
    return lambda value, field: clean_name(_text(value, field), field=field, limit=limit)


def word(limit: int) -> Cleaner:
    """Return the cleaner of a line that may be empty."""
    return lambda value, field: clean_word(_text(value, field), field=field, limit=limit)


def text(value: Any, field: str) -> str:
    """Return a text of several lines that may be empty."""
    return clean_text(_text(value, field), field=field)


def url(limit: int) -> Cleaner:
    """Return the cleaner of a web address that may be empty; one without a scheme is taken as https."""
    return lambda value, field: clean_url(_with_scheme(_text(value, field)), field=field, limit=limit)


def one_of(choices: type[models.TextChoices]) -> Cleaner:
    """Return the cleaner of a choice."""
    return lambda value, field: _chosen(value, field, list(choices.values))


def one_of_or_empty(choices: type[models.TextChoices]) -> Cleaner:
    """Return the cleaner of a choice that may be left open."""
    return lambda value, field: _chosen(value, field, list(choices.values)) if value else ""


def truth(value: Any, field: str) -> bool | None:
    """Return yes, no, or None for what nobody knows. Raises Refused."""
    if value not in (True, False, None):
        raise Refused("Answer yes, no, or leave it open.", field=field)
    return None if value is None else bool(value)


def day(value: Any, field: str) -> date | None:
    """Return a day, or None. Raises Refused for a year that cannot be meant."""
    if value is None:
        return None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Refused("Give a day, e.g. 2026-03-31.", field=field)
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise Refused(f"Give a day between {FIRST_YEAR} and {LAST_YEAR}.", field=field)
    return value


def whole(least: int, most: int, *, of: str) -> Cleaner:
    """Return the cleaner of a whole number that may be left open; `of` says what it counts."""

    def clean(value: Any, field: str) -> int | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise Refused(f"Give {of} from {least} to {most:,}, or leave it open.", field=field)
        return value

    return clean


def person(value: Any, field: str) -> User | None:
    """Return an active person, or None. Raises Refused."""
    if value is None:
        return None
    if not isinstance(value, User) or not value.is_active:
        raise Refused("Choose an active person.", field=field)
    return value


def refuse_outsider(owner: User | None, *, unit_id: UUID, field: str) -> None:
    """Raise Refused for somebody who has no role in the unit: they could not see what they answer for."""
    if owner is not None and not access.of(owner).roles_in(unit_id):
        raise Refused(f"{owner} has no role in this unit. Choose somebody who has.", field=field)


def as_is(value: Any, field: str) -> Any:
    """Return the value: the step checks it together with others."""
    return value


def clean(changes: Mapping[str, Any], cleaners: Mapping[str, Cleaner]) -> dict[str, Any]:
    """Return the changes as they are stored. Raises Refused for a field that cannot be set or a bad value."""
    for field in changes:
        if field not in cleaners:
            raise Refused(f"{field} cannot be set here.", field=field)
    return {field: cleaners[field](value, field) for field, value in changes.items()}


def differing(obj: models.Model, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the changes that the object does not have yet."""
    return {field: value for field, value in changes.items() if getattr(obj, field) != value}


def put_on(obj: models.Model, changes: Mapping[str, Any]) -> None:
    """Set the fields of a step's row, which is written behind the step. Raises Refused for a text that is too long."""
    for field, value in changes.items():
        setattr(obj, field, value)
    refuse_too_long(obj)


def save_once(obj: models.Model, *, otherwise: Conflict) -> None:
    """Save the object; raise the conflict when a constraint refuses, as the loser of a race finds out."""
    refuse_too_long(obj)
    try:
        with transaction.atomic():
            obj.save()
    except IntegrityError as error:
        raise otherwise from error


def refuse_too_long(obj: models.Model, *, path: str = "") -> None:
    """Raise Refused when a text is longer than its column: SQLite would keep it, PostgreSQL would fail."""
    for column in obj._meta.concrete_fields:
        value, limit = getattr(obj, column.attname), getattr(column, "max_length", None)
        if limit and isinstance(value, str) and len(value) > limit:
            place = f"{path}.{column.name}" if path else column.name
            raise Refused(f"The text has {len(value)} characters; at most {limit} are kept.", field=place)


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str):
        raise Refused("Give a text.", field=field)
    return value


def _with_scheme(address: str) -> str:
    """Return the address as it is meant: whoever types "example.com/about" leaves the beginning to the browser."""
    return f"https://{address.strip()}" if _BARE_HOST.match(address.strip()) else address


def _chosen(value: Any, field: str, choices: list[str]) -> str:
    if value not in choices:
        raise Refused(f"Choose one of: {', '.join(choices)}.", field=field)
    return str(value)
