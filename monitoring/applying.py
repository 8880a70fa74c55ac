"""The one function that puts on record what a collector brought back: the run ends, and what it saw is kept.

A look that failed or came back empty keeps what was known before as it was: nothing is gone because nobody saw it.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from accounts import steps
from audit.context import SYSTEM
from evidence.models import Blob
from monitoring.models import Observation, Run
from monitoring.observed import Look, Seen
from riskregister import nouns
from riskregister.transitions import move
from riskregister.unit_of_work import unit_of_work
from vendors.models import Release


@unit_of_work()
def begin(run: Run, *, now: datetime) -> Run:
    """Return the run, which looks from now on; one whose worker was killed begins again."""
    nouns.hold(run)
    return run if run.status == Run.Status.RUNNING else move(run, Run.Status.RUNNING, began_at=now)


@unit_of_work()
def apply(
    run: Run, look: Look, *, raw: Blob | None = None, captured: Release | None = None, untold: str = "",
    elsewhere: Collection[str] = (), now: datetime,
) -> list[Observation]:  # fmt: skip
    """End a run with what came of it, and return what it saw, as it is kept. Raises IllegalTransition for one that has
    ended: of two workers the later one keeps nothing.

    `untold` is what the keys begin with that it did not look for, `elsewhere` are the addresses at which others look:
    what was seen there stays as it was.
    """
    nouns.hold(run)
    is_news = not look.is_complete and _before(run) not in Run.NOT_ASSESSED
    ended: dict[str, Any] = {"code": look.code, "why": look.why, "raw": raw, "raw_digest": look.raw_digest}
    ended["as_of"] = look.as_of
    move(run, look.outcome, captured=captured, ended_at=now, **ended)
    kept = [_keep(run, one, now=now) for one in look.seen]
    if look.is_complete:
        _note_gone(run, kept, untold=untold, elsewhere=elsewhere)
        steps.record(
            "run.complete", run, by=SYSTEM, now=now,
            release=str(captured or ""), manifest_digest=captured.manifest_digest if captured else "",
            raw_digest=look.raw_digest,
        )  # fmt: skip
    else:
        verb = "run.empty" if look.outcome == Run.Status.EMPTY else "run.failed"
        steps.record(verb, run, by=SYSTEM, now=now, code=look.code, why=look.why, is_news=is_news)
    return kept


@unit_of_work()
def note(run: Run, seen: Iterable[Seen], *, of: Iterable[str] = (), now: datetime) -> list[Observation]:
    """Put on record a run that waited for nothing, complete as it begins, and return what it saw, as it is kept.

    `of` is what the keys begin with that it looked for, unless it was all: what was seen under others stays as it was.
    Part of a step that holds the server.
    """
    run.status, run.asked_at, run.began_at, run.ended_at = Run.Status.COMPLETE, now, now, now
    run.save(force_insert=True)
    kept = [_keep(run, one, now=now) for one in seen]
    _note_gone(run, kept, of=of)
    return kept


def _before(run: Run) -> str:
    """Return how the last run of the same kind and address before it ended, empty for the first."""
    same = Run.objects.filter(server=run.server_id, collector=run.collector, address=run.address)
    ended = same.filter(ended_at__isnull=False)
    return ended.order_by("-ended_at").values_list("status", flat=True).first() or ""


def _keep(run: Run, one: Seen, *, now: datetime) -> Observation:
    """Return what was seen as it is kept: a new row, or the known one, seen once more."""
    value, words = one.value[:500], one.words[:300]
    where = {"server": run.server, "collector": run.collector, "address": run.address, "key": one.key}
    known = Observation.objects.filter(**where).first()
    if known is None:
        known = Observation(**where, first_seen_at=now)
        known.value_since = now
    elif known.value != value:
        known.value_since = now
    known.value, known.words, known.severity = value, words, one.severity
    known.fact, known.holds, known.is_assessed = one.fact, one.holds, one.is_assessed
    known.run, known.last_seen_at, known.is_seen = run, now, True
    known.save()
    return known


def _note_gone(
    run: Run, kept: Iterable[Observation], *, untold: str = "", elsewhere: Collection[str] = (), of: Iterable[str] = ()
) -> None:
    rows = Observation.objects.filter(server=run.server_id, collector=run.collector, is_seen=True)
    rows = rows.exclude(address__in=elsewhere)
    if beginnings := [Q(key__startswith=one) for one in of]:
        rows = rows.filter(reduce(or_, beginnings))
    if untold:
        rows = rows.exclude(key__startswith=untold)
    rows.exclude(pk__in=[one.pk for one in kept]).update(is_seen=False)
