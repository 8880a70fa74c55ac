"""Days that somebody must know of: told ahead of the day, on it, and once it has passed.

A room declares which of its rows have such a day; one sweep serves them all. Any number of sweeps may run at once or be
killed anywhere: each holds the row and looks at it again, and a notice is a row that can exist once for each day and
step, written with its event. A day that is moved is told anew.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, Model, OuterRef, QuerySet
from django.utils import timezone

from audit import trail
from audit.context import SYSTEM
from jobs.models import DayNotice
from riskregister import nouns, sweeps
from riskregister.unit_of_work import unit_of_work


@dataclass(frozen=True, slots=True)
class Dated:
    """What has a day: which rows still wait for it, and the events that tell it ahead and afterwards.

    `rows` returns those whose day still matters today; `day` is the field, or an annotation of `rows`, that has it. An
    empty verb tells nothing: the end of an acceptance has an event of its own.
    """

    word: str
    rows: "Callable[[], QuerySet[Any]]"
    day: str
    ahead: str = ""
    passed: str = ""
    before: Collection[int] = (7, 0)


_declared: dict[str, Dated] = {}


def declare(dated: Dated) -> None:
    """Add what has a day. Raises ValueError for a word that does not fit its column: SQLite alone would keep it."""
    if len(dated.word) > (most := DayNotice.LONGEST_WORD):
        raise ValueError(f"The word {dated.word!r} is longer than the {most} characters that a notice keeps.")
    _declared[dated.word] = dated


def every() -> list[Dated]:
    """Return all that has a day."""
    return list(_declared.values())


def tell(dated: Dated, *, now: datetime) -> int:
    """Tell of the rows whose day is near or has passed, and return of how many; each in its own transaction.

    Of several notices that were missed only the most urgent is sent.
    """
    return sum(_tell(dated, key, now=now) for key in sweeps.keys(_near(dated, now)))


def _near(dated: Dated, now: datetime) -> "QuerySet[Any]":
    today = timezone.localdate(now)
    rows = dated.rows().annotate(told_day=F(dated.day)).filter(told_day__isnull=False)
    told = DayNotice.objects.filter(word=dated.word, object_id=OuterRef("pk"), day=OuterRef("told_day"))
    last = today + timedelta(days=max(dated.before)) if dated.ahead else today - timedelta(days=1)
    near: QuerySet[Any] = rows.filter(~Exists(told.filter(step=DayNotice.PASSED)), told_day__lte=last)
    return near if dated.passed else near.filter(told_day__gte=today)


def _tell(dated: Dated, key: UUID, *, now: datetime) -> bool:
    """Return whether this sweep told it; the row is held, so that of two at once the second sees the notice."""
    with unit_of_work():
        row = dated.rows().filter(pk=key).first()
        if row is None:
            return False
        nouns.hold(row)
        again = dated.rows().annotate(told_day=F(dated.day)).filter(pk=key).first()
        step = _step(dated, key, again.told_day, today=timezone.localdate(now)) if again else None
        if again is None or step is None:
            return False
        DayNotice.objects.create(word=dated.word, object_id=key, day=again.told_day, step=step, sent_at=now)
        _record(dated, again, again.told_day, step, now=now)
        return True


def _step(dated: Dated, key: UUID, day: date, *, today: date) -> str | None:
    """Return the notice to send today, or None."""
    sent = DayNotice.objects.filter(word=dated.word, object_id=key, day=day).values_list("step", flat=True)
    if day < today:
        return DayNotice.PASSED if dated.passed and DayNotice.PASSED not in sent else None
    reached = [days for days in dated.before if day - timedelta(days=days) <= today]
    step = str(min(reached)) if reached and dated.ahead else ""
    return step if step and step not in sent else None


def _record(dated: Dated, row: Model, day: date, step: str, *, now: datetime) -> None:
    left = (day - timezone.localdate(now)).days
    verb = dated.passed if step == DayNotice.PASSED else dated.ahead
    trail.record(verb, row, by=SYSTEM, at=now, day=day.isoformat(), step=step, days=left)
