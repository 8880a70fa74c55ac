"""Days that somebody must know of: told ahead of the day, on it, and once it has passed.

A room declares which of its rows have such a day; one sweep serves them all. Any number of sweeps may run at once or be
killed anywhere: each holds some hundred rows and looks at them again, and a notice is a row that can exist once for
each day and step, written with its event. A day that is moved is told anew. Of rows that are held together one that
cannot be told holds back itself alone.

What is due today of a row depends on its day alone, so that the database is asked for the rows of which that notice has
not been sent: a sweep with nothing to tell is two statements, however many rows were told before.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError
from django.db.models import Case, CharField, Exists, F, OuterRef, QuerySet, Value, When
from django.utils import timezone

from audit import trail
from audit.context import SYSTEM
from jobs.models import DayNotice
from riskregister import nouns, sweeps
from riskregister.unit_of_work import unit_of_work

log = logging.getLogger("jobs")


@dataclass(frozen=True, slots=True)
class Dated:
    """What has a day: which rows still wait for it, and the events that tell it ahead and afterwards.

    `rows` returns those whose day still matters today; `day` is the field, or an annotation of `rows`, that has it. An
    empty verb tells nothing: the end of an acceptance has an event of its own. `since` is the field with when the row
    itself was told of, its day with it: what would be told ahead on that day, or before it, is told by that already.
    """

    word: str
    rows: "Callable[[], QuerySet[Any]]"
    day: str
    ahead: str = ""
    passed: str = ""
    before: Collection[int] = (7, 0)
    since: str = ""


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
    """Tell of the rows whose day is near or has passed, and return of how many; some hundred in a transaction.

    Of several notices that were missed only the most urgent is sent. A row that somebody holds just now is left to the
    next sweep. Raises what a row raised that cannot be told, once all others are.
    """
    today, told, broken = timezone.localdate(now), 0, list[Exception]()
    near = _near(dated, today=today)
    # Asked first: in most sweeps no row of most kinds is near its day, and then this is all.
    due = _due(dated, near, today=today) if near.exists() else near.none()
    for keys in sweeps.batches(due):
        told += _safely(partial(_tell, dated, due, now=now), keys, broken)
    if broken:
        raise broken[0]
    return told


def _near(dated: Dated, *, today: date) -> "QuerySet[Any]":
    """Return the rows with their day, that may have something to be sent today."""
    rows = dated.rows().annotate(told_day=F(dated.day))
    if not dated.passed:
        rows = rows.filter(told_day__gte=today)
    near: QuerySet[Any] = rows.filter(told_day__lte=today + timedelta(days=max(_ahead(dated), default=-1)))
    return near


def _due(dated: Dated, near: "QuerySet[Any]", *, today: date) -> "QuerySet[Any]":
    """Return those of the rows whose notice of today is not sent yet, with that notice."""
    ahead = (When(told_day__lte=today + timedelta(days=days), then=Value(str(days))) for days in _ahead(dated))
    step = Case(When(told_day__lt=today, then=Value(DayNotice.PASSED)), *ahead, output_field=CharField())
    the_same = {"object_id": OuterRef("pk"), "day": OuterRef("told_day"), "step": OuterRef("told_step")}
    sent = DayNotice.objects.filter(word=dated.word, **the_same)
    due: QuerySet[Any] = near.annotate(told_step=step).filter(~Exists(sent))
    return due


def _ahead(dated: Dated) -> list[int]:
    """Return how many days before its day something is sent, the last notice first."""
    return sorted(dated.before) if dated.ahead else []


def _safely(told: Callable[[list[UUID]], int], keys: list[UUID], broken: list[Exception]) -> int:
    """Return of how many was told: together, or one by one where that fails; what one row raises is put to `broken`."""
    try:
        return told(keys)
    except (OperationalError, InterfaceError):
        # No row did this: the database is not there, or another stands in the way.
        raise
    except Exception as error:  # The edge of the loop: one bad row must not silence those that are told with it.
        if len(keys) > 1:
            return sum(_safely(told, [key], broken) for key in keys)
        log.exception("the day of %s cannot be told", keys[0])
        broken.append(error)
        return 0


def _tell(dated: Dated, rows: "QuerySet[Any]", keys: list[UUID], *, now: datetime) -> int:
    """Return of how many of these this sweep told; they are held, so that another at once does not see them."""
    today = timezone.localdate(now)
    with unit_of_work():
        held = nouns.hold_free(rows.model._base_manager.filter(pk__in=keys))
        # Looked at again: another sweep may have told of a row, or its day been moved, just before it was held.
        free = rows.filter(pk__in=held).select_related(*nouns.card(rows.model).related)
        found = list(free.order_by("told_day", "pk"))
        DayNotice.objects.bulk_create(
            DayNotice(word=dated.word, object_id=row.pk, day=row.told_day, step=row.told_step, sent_at=now)
            for row in found
        )
        news = [row for row in found if not _is_told_by_itself(dated, row)]
        for verb, is_past in ((dated.passed, True), (dated.ahead, False)):
            these = [row for row in news if (row.told_step == DayNotice.PASSED) is is_past]
            trail.record_all(verb, [(row, _data(row, today=today)) for row in these], by=SYSTEM, at=now)
        return len(news)


def _is_told_by_itself(dated: Dated, row: Any) -> bool:
    """Return whether the row was told of, with its day, on the day of this notice or later."""
    since = getattr(row, dated.since) if dated.since and row.told_step != DayNotice.PASSED else None
    return since is not None and row.told_day - timedelta(days=int(row.told_step)) <= timezone.localdate(since)


def _data(row: Any, *, today: date) -> dict[str, Any]:
    return {"day": row.told_day.isoformat(), "step": row.told_step, "days": (row.told_day - today).days}
