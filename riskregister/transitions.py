"""The one place that moves a status, for every object that has a lifecycle."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import models

Table = dict[str, frozenset[str]]
Note = Callable[[models.Model, dict[str, Any]], None]
_notes: list[Note] = []


class IllegalTransition(Exception):
    """The object is not in a state from which this move is allowed, or somebody else moved it first."""

    def __init__(self, obj: object, was: str, to: str) -> None:
        """Name the object, the state it is in and the state that was asked for, empty for a step that leads to none."""
        self.obj, self.was, self.to = obj, was, to
        super().__init__(_sentence(obj, was=was.replace("_", " "), to=to.replace("_", " ")))


def _sentence(obj: object, *, was: str, to: str) -> str:
    if not to:
        return f"{obj} is {was}: this cannot be done now."
    return f"{obj} is {was} already." if was == to else f"{obj} cannot go from {was} to {to}."


M = TypeVar("M", bound=models.Model)


def move(obj: M, to: str, **changes: Any) -> M:
    """Set `obj.status` to `to` and the named fields with it, only if the row still has the status that `obj` shows.

    Returns `obj` with the new values. Raises IllegalTransition when the table does not allow the move or when another
    caller moved the row first; of two racing callers exactly one wins, on both engines, without a lock.
    Whoever keeps field-level entries is told here, since a conditional UPDATE passes their signals by.
    """
    require(obj, to)
    was, model = str(obj.status), type(obj)  # type: ignore[attr-defined]
    if not model._base_manager.filter(pk=obj.pk, status=was).update(status=to, **changes):
        now = model._base_manager.values_list("status", flat=True).filter(pk=obj.pk).first()
        raise IllegalTransition(obj, str(now), to)
    _tell(obj, {"status": to} | changes)
    for name, value in ({"status": to} | changes).items():
        setattr(obj, name, value)
    return obj


def require(obj: models.Model, to: str) -> None:
    """Raise IllegalTransition when the table does not lead from the status that `obj` shows to `to`."""
    was = str(obj.status)  # type: ignore[attr-defined]
    table: Table = obj.TRANSITIONS  # type: ignore[attr-defined]
    if to not in table.get(was, frozenset()):
        raise IllegalTransition(obj, was, to)


def change_if(obj: M, expected: dict[str, Any], **changes: Any) -> bool:
    """Set fields of `obj` only if its row still matches `expected` (field lookups); return whether it did.

    For compare-and-swap on something other than the status, such as a version. Who keeps field-level entries is told.
    """
    if not type(obj)._base_manager.filter(pk=obj.pk, **expected).update(**changes):
        return False
    _tell(obj, changes)
    for name, value in changes.items():
        setattr(obj, name, value)
    return True


def table(**moves: str) -> Table:
    """Return a transition table from words: `table(draft="submitted cancelled")`."""
    return {was: frozenset(to.split()) for was, to in moves.items()}


def before_each_change(note: Note) -> None:
    """Let `note(obj, changes)` be called with each object while it shows the old values; `changes` are the new ones."""
    if note not in _notes:
        _notes.append(note)


def _tell(obj: models.Model, changes: dict[str, Any]) -> None:
    for note in _notes:
        note(obj, changes)
