"""The one function that puts on record what a collector brought back: the run ends, and what it saw is kept.

A look that failed or came back empty keeps what was known before as it was: nothing is gone because nobody saw it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from accounts import steps
from audit.context import SYSTEM
from evidence.models import Blob
from monitoring import sightings
from monitoring.models import Observation, Run
from monitoring.observed import Look, Seen
from monitoring.sightings import Gone
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
    kept = _keep(run, look.seen, now=now)
    if look.is_complete:
        _complete(run, kept, _note_gone(run, untold=untold, elsewhere=elsewhere), now=now)
    else:
        verb = "run.empty" if look.outcome == Run.Status.EMPTY else "run.failed"
        saw = sightings.keep(run, kept, ()) if kept else ""
        steps.record(verb, run, by=SYSTEM, now=now, code=look.code, why=look.why, is_news=is_news, saw=saw)
    return kept


@unit_of_work()
def note(run: Run, seen: Iterable[Seen], *, of: Iterable[str] = (), now: datetime) -> list[Observation]:
    """Put on record a run that waited for nothing, complete as it begins, and return what it saw, as it is kept.

    `of` is what the keys begin with that it looked for, unless it was all: what was seen under others stays as it was.
    Part of a step that holds the server.
    """
    run.status, run.asked_at, run.began_at, run.ended_at = Run.Status.COMPLETE, now, now, now
    run.save(force_insert=True)
    kept = _keep(run, seen, now=now)
    _complete(run, kept, _note_gone(run, of=of), now=now)
    return kept


def _complete(run: Run, kept: Sequence[Observation], gone: Iterable[Gone], *, now: datetime) -> None:
    """Record that it is complete, with the digest of what it saw and of what it saw no more."""
    steps.record(
        "run.complete", run, by=SYSTEM, now=now, release=str(run.captured or ""),
        manifest_digest=run.captured.manifest_digest if run.captured else "", raw_digest=run.raw_digest,
        saw=sightings.keep(run, kept, gone),
    )  # fmt: skip


def _before(run: Run) -> str:
    """Return how the last run of the same kind and address before it ended, empty for the first."""
    same = Run.objects.filter(server=run.server_id, collector=run.collector, address=run.address)
    ended = same.filter(ended_at__isnull=False)
    return ended.order_by("-ended_at").values_list("status", flat=True).first() or ""


def _keep(run: Run, seen: Iterable[Seen], *, now: datetime) -> list[Observation]:
    """Return what was seen as it is kept, a row a key: new rows, and known ones, seen once more.

    A comparison can see hundreds of things: they are read in one statement, and written in one.
    """
    last = {one.key: one for one in seen}
    where = {"server": run.server, "collector": run.collector, "address": run.address}
    known = {row.key: row for row in Observation.objects.filter(**where) if row.key in last} if last else {}
    rows = [
        _as_seen(known.get(key) or Observation(**where, key=key, first_seen_at=now, value_since=now), one, run, now=now)
        for key, one in last.items()
    ]
    Observation.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=_SEEN_ANEW)
    return rows


# What another look can say anew of what is known.
_SEEN_ANEW = (
    "value", "value_since", "words", "severity", "fact", "holds", "is_assessed", "run", "last_seen_at", "is_seen",
)  # fmt: skip


def _as_seen(row: Observation, one: Seen, run: Run, *, now: datetime) -> Observation:
    value = one.value[:500]
    row.value_since = now if row.value != value else row.value_since
    row.value, row.words, row.severity = value, one.words[:300], one.severity
    row.fact, row.holds, row.is_assessed = one.fact, one.holds, one.is_assessed
    row.run, row.last_seen_at, row.is_seen = run, now, True
    return row


def _note_gone(
    run: Run, *, untold: str = "", elsewhere: Collection[str] = (), of: Iterable[str] = ()
) -> list[Gone]:  # fmt: skip
    """Note that what a complete run did not keep is not seen any more, and return what that is."""
    rows = Observation.objects.filter(server=run.server_id, collector=run.collector, is_seen=True)
    rows = rows.exclude(address__in=elsewhere).exclude(run=run)
    if beginnings := [Q(key__startswith=one) for one in of]:
        rows = rows.filter(reduce(or_, beginnings))
    if untold:
        rows = rows.exclude(key__startswith=untold)
    gone = list(rows.order_by().values_list("address", "key"))
    if gone:
        rows.update(is_seen=False)
    return gone
