"""One transaction a step, however many steps are part of it; and what is done at its beginning, and once at its end."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.db import connection, transaction

T = TypeVar("T")
_Pending = dict[Hashable, tuple[Callable[[list[Any]], object], list[Any]]]
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
    pending: _Pending = {}
    with transaction.atomic():
        outside = _pending.set(pending)
        try:
            _beginning.get()()
            yield
            if transaction.get_rollback():
                raise transaction.TransactionManagementError("A part of this has failed, and with it all of it.")
            while pending:
                what, gathered = pending.pop(next(iter(pending)))
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


def at_end(key: Hashable, item: T, what: Callable[[list[T]], object]) -> None:
    """Let `what` be called once for this key at the end of the unit of work, with all items that were given for it.

    Outside of one it is called now.
    """
    pending = _pending.get()
    if pending is None:
        what([item])
    else:
        pending.setdefault(key, (what, []))[1].append(item)
