"""How long an answer about an event (a scan, a test, a drill) keeps its evidence, counted from the event's own day."""

from dataclasses import dataclass
from datetime import date, timedelta

from scoring import deadlines


@dataclass(frozen=True, slots=True)
class Event:
    """What an answer tells of: the day on which it happened (None: nobody says), and for how many days it speaks."""

    happened_on: date | None
    fresh_days: int

    @property
    def last_day(self) -> date | None:
        """Return the last day for which it speaks; None where its day is not known."""
        return None if self.happened_on is None else self.happened_on + timedelta(days=self.fresh_days)

    def is_over(self, today: date) -> bool:
        """Return whether it speaks no more; of an event without a day nobody can tell that it does."""
        return self.last_day is None or deadlines.is_past(self.last_day, today=today)


def level(known: int, *, ran_out: bool, event: Event | None, today: date) -> int:
    """Return the level that a piece of evidence has for an answer about an event: one less once that speaks no more.

    `known` is its level today. One that has run out itself (`ran_out`) has lost its one level already.
    """
    if event is None or ran_out or not event.is_over(today):
        return known
    return max(known - 1, 0)


def last_day(of_evidence: date | None, event: Event | None, *, frozen_on: date) -> date | None:
    """Return the last day of a frozen level: that of its evidence (None: it does not run out) or that of the event.

    None when time takes nothing from it any more: what the event had lost by then was frozen with it.
    """
    if event is None:
        return of_evidence
    if event.is_over(frozen_on):
        return None
    return min((day for day in (of_evidence, event.last_day) if day is not None), default=None)
