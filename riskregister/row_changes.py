"""What a step sets on its row, written in one statement when the step is through, and nothing of it twice."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models

from riskregister import transitions

_Values = dict[str, Any]
_noted: ContextVar[tuple[tuple[models.Model, _Values], ...]] = ContextVar("rows_being_changed", default=())


@contextmanager
def noted(row: models.Model | None) -> Iterator[_Values]:
    """Yield the values that the row has in the database, which follow what is moved meanwhile."""
    if row is None:
        yield {}
        return
    values = {one.attname: row.__dict__[one.attname] for one in _loaded(row)}
    outside = _noted.set((*_noted.get(), (row, values)))
    try:
        yield values
    finally:
        _noted.reset(outside)


def write(row: models.Model | None, before: Mapping[str, Any], to: str) -> None:
    """Write what differs, and the new state by its table: a compare-and-swap, with the field-level entry.

    `to` is the state that the step leads to, empty where it stays or was set on the row; it can be there already.
    """
    changes: _Values = {}
    for one in _loaded(row) if row is not None else ():
        if one.attname in before and row.__dict__[one.attname] != before[one.attname]:
            # By the row that it refers to, which the field-level entry calls by its name.
            changes[one.name] = getattr(row, one.name)
            setattr(row, one.attname, before[one.attname])
    to = changes.pop("status", to) if row is not None else ""
    if row is not None and to and to != before.get("status"):
        transitions.move(row, to, **changes)
    elif row is not None and changes:
        transitions.change_if(row, {}, **changes)


def _loaded(row: models.Model) -> "list[models.Field[Any, Any]]":
    return [one for one in row._meta.concrete_fields if one.attname in row.__dict__]


def _note_written(obj: models.Model, changes: _Values) -> None:
    for row, values in _noted.get():
        if row is obj:
            columns = {one.name: one.attname for one in obj._meta.concrete_fields}
            values.update({columns.get(name, name): getattr(value, "pk", value) for name, value in changes.items()})


transitions.before_each_change(_note_written)
