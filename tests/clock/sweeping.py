"""Doing what the worker does by the clock: every recurring job of every room, and the relay, at a moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from audit import context
from jobs import queue
from jobs.queue import _recurrences
from riskregister.ids import uuid7

# What reads stored files again, what forgets old jobs, and what seals the trail, tells nobody of a day.
OF_NO_DAY = {"evidence.rehash", "jobs.prune", "seal.trail", "seal.stragglers", "seal.check"}


@dataclass
class Promised:
    """A job in the hands of a handler, without its row: a year has thirty thousand of them."""

    payload: dict[str, Any] = field(default_factory=dict)
    id: UUID = field(default_factory=uuid7)

    @contextmanager
    def finish(self) -> Iterator[None]:
        with transaction.atomic():
            yield

    def report(self, progress: int, note: str = "") -> None:
        """Show nobody how far it is."""


def recurring() -> list[str]:
    """Return the kinds of work that recur and may find that a day has come."""
    return sorted(set(_recurrences) - OF_NO_DAY)


def sweep(now: datetime) -> None:
    """Do all of it once, as a worker does, and then relay what happened."""
    for kind in recurring():
        with context.acting(context.SYSTEM):
            queue.handler_of(kind)(Promised())
    queue.do_chores(now=now)
