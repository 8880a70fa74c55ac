"""Doing what the worker does by the clock: every recurring job of every room, and the relay, at a moment."""

from datetime import datetime

from audit import context
from jobs import queue
from tests.in_hand import InHand

# What reads stored files again, forgets old jobs, seals the trail, and writes down how the supply chain stands, tells
# nobody of a day.
OF_NO_DAY = {"evidence.rehash", "jobs.prune", "seal.trail", "seal.stragglers", "seal.check", "work.health_day"}


def recurring() -> list[str]:
    """Return the kinds of work that recur and may find that a day has come."""
    return sorted(queue.recurring().keys() - OF_NO_DAY)


def sweep(now: datetime) -> None:
    """Do all of it once, as a worker does, and then relay what happened."""
    for kind in recurring():
        with context.acting(context.SYSTEM):
            # Without a row: a year has thirty thousand of them.
            queue.handler_of(kind)(InHand())
    queue.do_chores(now=now)
