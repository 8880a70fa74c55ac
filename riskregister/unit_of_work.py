"""One transaction a step, however many steps are part of it; and what is done once, at its end."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

_pending: ContextVar[dict[Hashable, Callable[[], object]] | None] = ContextVar("at_the_end", default=None)


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Open a transaction; the outermost one does at its end, still inside, what `at_end` was given meanwhile."""
    with transaction.atomic():
        if _pending.get() is not None:
            yield
            return
        pending: dict[Hashable, Callable[[], object]] = {}
        outside = _pending.set(pending)
        try:
            yield
            while pending:
                pending.pop(next(iter(pending)))()
        finally:
            _pending.reset(outside)


def at_end(key: Hashable, what: Callable[[], object]) -> None:
    """Let `what` be called once for this key at the end of the unit of work; outside of one, now."""
    pending = _pending.get()
    if pending is None:
        what()
    else:
        pending.setdefault(key, what)
