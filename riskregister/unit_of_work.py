"""One transaction a step, however many steps are part of it; and what is done at its beginning, and once at its end."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import connection, transaction

T = TypeVar("T")
_Queue = dict[Hashable, tuple[Callable[[list[Any]], object], list[Any]]]


@dataclass(slots=True)
class _Pending:
    """What is to be done at the end: first, and behind all others; and how many savepoints it began in."""

    savepoints: int
    first: _Queue = field(default_factory=dict)
    last: _Queue = field(default_factory=dict)


_pending: ContextVar[_Pending | None] = ContextVar("at_the_end", default=None)
_beginning: ContextVar[Callable[[], object]] = ContextVar("at_the_beginning", default=lambda: None)


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Open a transaction; the outermost one does at its end, still inside, what `at_end` was given meanwhile.

    What is part of another fails with all of it: it has no savepoint of its own.
    """
    if _pending.get() is not None:
        with transaction.atomic(savepoint=False):
            yield
        return
    with transaction.atomic():
        pending = _Pending(_savepoints())
        outside = _pending.set(pending)
        try:
            _beginning.get()()
            yield
            if transaction.get_rollback():
                raise transaction.TransactionManagementError("A part of this has failed, and with it all of it.")
            while waiting := pending.first or pending.last:
                what, gathered = waiting.pop(next(iter(waiting)))
                what(gathered)
        finally:
            _pending.reset(outside)


@contextmanager
def unit_of_work_done_again() -> Iterator[None]:
    """Open a unit of work of which all is worked out from what is stored, and is done again where nothing of it is.

    Its commit does not wait for the disk: a power cut may take all of it away, never a part.
    """
    # Of another transaction it is a part, which keeps that one's promises.
    may_be_lost = connection.vendor == "postgresql" and not connection.in_atomic_block
    with unit_of_work():
        if may_be_lost:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit TO off")
        yield


@contextmanager
def beginning_with(what: Callable[[], object]) -> Iterator[None]:
    """Let every unit of work of this block begin with `what`, inside its transaction."""
    outside = _beginning.set(what)
    try:
        yield
    finally:
        _beginning.reset(outside)


def at_end(key: Hashable, item: T, what: Callable[[list[T]], object], *, after_others: bool = False) -> None:
    """Let `what` be called once for this key at the end of the unit of work, with all items that were given for it.

    Of those `after_others` it is called when nothing else is left to do. Outside of a unit of work it is called now.
    """
    pending = _pending.get()
    if pending is None:
        what([item])
        return
    waiting = pending.last if after_others else pending.first
    waiting.setdefault(key, (what, []))[1].append(item)


def may_be_taken_back() -> bool:
    """Return whether what is written now is taken back where a part fails, and the unit of work goes on without it."""
    pending = _pending.get()
    return pending is not None and _savepoints() > pending.savepoints


def _savepoints() -> int:
    # Parts have none of their own, which the connection notes as None.
    return sum(one is not None for one in connection.savepoint_ids)
