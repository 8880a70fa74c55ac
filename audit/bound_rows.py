"""What an event tells of the rows that it is about, so that a change without an event is found.

Which fields of which model is declared in the `guards.py` of its room.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Field, Model

from riskregister import guards
from riskregister.canonical import canonical, digest, jcs
from riskregister.guards import AppendOnly, Lifecycle

# A longer text is told by its digest: events are read by people, and what a report prints is megabytes.
TEXT_LIMIT = 200
State = dict[str, Any]


@cache
def models() -> dict[type[Model], AppendOnly | Lifecycle]:
    """Return the declarations of the models whose rows are told, by the model."""
    found = (one for one in guards.every() if isinstance(one, AppendOnly | Lifecycle))
    return {one.model: one for one in found if one.bound}


def states(rows: Iterable[Model]) -> dict[str, State]:
    """Return, of those of the rows that are to be told, their fields as plain values, by the key of the row."""
    return {
        key(row): state_of(declared, _state(row, declared.bound))
        for row in rows
        if (declared := models().get(type(row)))
    }


def key(row: Model) -> str:
    """Return what a row is called in events, e.g. "findings.finding:0195…"."""
    return f"{row._meta.label_lower}:{row.pk}"


def state_of(declared: AppendOnly | Lifecycle, state: State) -> State:
    """Return what an event says of a row with these fields as plain values: them, or a digest over all of them."""
    if declared.in_short:
        return {"sha256": digest(canonical(state))}
    return state


def plain(field: "Field[Any, Any]", value: Any) -> Any:
    """Return a value of a field as JSON has it; a long text and a structure by their SHA-256."""
    value = field.get_prep_value(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        # As many places as the column keeps, however it was worked out.
        return format(value, f".{getattr(field, 'decimal_places', 0)}f")
    if isinstance(value, str):
        return value if len(value) <= TEXT_LIMIT else {"sha256": digest(value)}
    if isinstance(value, datetime):
        return (value - (value.utcoffset() or timedelta())).replace(tzinfo=None).isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else {"sha256": digest(jcs(value))}


def _state(row: Model, fields: "Iterable[Field[Any, Any]]") -> State:
    return {one.attname: plain(one, getattr(row, one.attname)) for one in fields}
