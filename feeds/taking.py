"""A feed is taken in: its source is read once to see what would come of it, and once more to store what is news.

A run that would lose too much of what the feed has is stopped before anything is stored. Each batch is stored in a
transaction of its own together with the figures of the run, and how far the feed is taken in moves with the last one:
killed anywhere, the same run finds what is stored already unchanged.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db.models import F

from accounts import steps
from audit.context import SYSTEM
from feeds import kinds, places, quarantine
from feeds.containers import Broken
from feeds.kinds import Bad, Kind, Outcome, Record, Source
from feeds.models import Feed, FeedRun
from feeds.walking import Batch, Walk
from feeds.web import NotFetched
from riskregister import nouns, plurals
from riskregister.transitions import move
from riskregister.unit_of_work import unit_of_work

# OSV.dev stops its own imports at the same share.
MOST_LOST_PER_CENT = 10
# Of a source of which nothing can be read, so many records are kept to look at.
_SHOWN_BAD = 100
_AS_IT_WAS = Outcome.UNCHANGED
_SAME = "Nothing has changed there since the last run."
_EMPTY = "It holds no record of this kind. Look whether this is the right file."


class TakenOver(Exception):
    """Another worker performs this run now, or somebody ended it; nothing more of it may be stored."""


@dataclass
class Measured:
    """What would come of a source: its figures, what it names no more, and what could not be read of it.

    `unreadable` are the records that cannot be read since this run, those aside that `missing` has already. While some
    record cannot even be told, nothing is `gone`: it may be that one.
    """

    counts: Counter[str] = field(default_factory=Counter)
    missing: Sequence[str] = ()
    gone: Sequence[str] = ()
    bad: Collection[str] = ()
    unreadable: int = 0
    is_new_bad: bool = False
    first_bad: list[Bad] = field(default_factory=list)
    mark: str = ""

    @property
    def is_news(self) -> bool:
        """Return whether anything would be stored."""
        return bool(self.gone) or self.is_new_bad or any(self.counts[one] for one in Outcome if one != _AS_IT_WAS)

    @property
    def lost(self) -> int:
        """Return how many records the feed would have no more, or could not read any more."""
        return self.counts[Outcome.WITHDRAWN] + len(self.missing) + self.unreadable

    def figures(self) -> dict[str, int]:
        """Return them as the columns of a run."""
        counts = {str(one): self.counts[one] for one in (*Outcome, "quarantined")}
        return {"seen": sum(counts.values()), **counts, "missing": len(self.gone)}


@dataclass
class Ending:
    """How a run is to end: its status, its figures where they are not stored yet, and the last batch of all."""

    status: FeedRun.Status
    why: str = ""
    figures: dict[str, int] = field(default_factory=dict)
    last: Batch | None = None
    gone: Sequence[str] = ()
    # The names of what could not be read; None: what is in quarantine stays there.
    bad: Collection[str] | None = None
    first_bad: Sequence[Bad] = ()
    named: Collection[str] = ()
    source: Source = field(default_factory=lambda: Source(None))
    mark: str = ""


def perform(run: FeedRun, *, now: datetime, named: Path | None = None) -> Ending:
    """Return how the run is to end, once all but the last of it is stored. Called without a transaction: it waits.

    `named` is the file or folder that somebody who runs a command named. Raises TakenOver.
    """
    begin(run, now=now)
    try:
        with places.opened(run, named=named) as source:
            return _read(run, replace(source, read_at=now), now=now)
    except (NotFetched, Broken, places.NotThere, kinds.UnknownKind) as error:
        return Ending(FeedRun.Status.FAILED, str(error))


@unit_of_work()
def begin(run: FeedRun, *, now: datetime) -> FeedRun:
    """Return the run, which this worker performs from now on; one whose worker was killed begins again."""
    nouns.hold(run)
    if run.status not in FeedRun.UNDER_WAY:
        raise TakenOver
    if run.status == FeedRun.Status.QUEUED:
        move(run, FeedRun.Status.RUNNING, began_at=now)
    fresh: dict[str, Any] = dict.fromkeys(FeedRun.COUNTS, 0)
    fresh |= {"turn": uuid4(), "touched_at": now, "mark_before": run.feed.mark, "mark_after": run.feed.mark}
    FeedRun.objects.filter(pk=run.pk).update(**fresh)
    for name, value in fresh.items():
        setattr(run, name, value)
    return run


@unit_of_work()
def end(run: FeedRun, ending: Ending, *, now: datetime) -> FeedRun:
    """Return the run, ended, with the last of what it stores and how far its feed is taken in. Raises TakenOver."""
    with _mine(run, now=now):
        if ending.status == FeedRun.Status.COMPLETE:
            _complete(run, ending, now=now)
        else:
            _in_vain(run, ending, now=now)
    return run


def _read(run: FeedRun, source: Source, *, now: datetime) -> Ending:
    kind, complete = kinds.of(run.feed.kind), FeedRun.Status.COMPLETE
    if source.path is None:
        return Ending(complete, _SAME, source=source, mark=run.feed.mark)
    held = kind.held(run.feed)
    FeedRun.objects.filter(pk=run.pk, turn=run.turn).update(held=held, digest=source.digest)
    measured = _measured(run, kind, source)
    if why := _why_not(measured, source):
        return Ending(FeedRun.Status.FAILED, why, measured.figures(), first_bad=measured.first_bad)
    allowed = max(held * MOST_LOST_PER_CENT // 100, run.may_lose)
    if held and measured.lost > allowed:
        would_be = measured.figures() | {"missing": len(measured.missing)}
        return Ending(FeedRun.Status.STOPPED, _too_much(measured, held=held), would_be)
    if not measured.is_news:
        return Ending(complete, "", measured.figures(), bad=measured.bad, source=source, mark=measured.mark)
    return _stored(run, kind, source, measured, now=now)


def _measured(run: FeedRun, kind: Kind, source: Source) -> Measured:
    walk, known, measured = Walk(kind, source), quarantine.names(run.feed), Measured()
    for batch in walk.batches():
        measured.counts.update(str(one) for one in kind.compare(run.feed, batch.records))
        measured.counts["quarantined"] += len(batch.bad)
        new = [one for one in batch.bad if one.name not in known]
        measured.unreadable += sum(bool(one.key) or not source.is_whole for one in new)
        measured.is_new_bad = measured.is_new_bad or bool(new)
        measured.first_bad += batch.bad[: _SHOWN_BAD - len(measured.first_bad)]
    measured.missing = kind.gone(run.feed, walk.named) if source.is_whole else ()
    measured.gone = () if walk.is_blind else measured.missing
    measured.bad, measured.mark = walk.bad, walk.mark
    return measured


def _why_not(measured: Measured, source: Source) -> str:
    """Return why nothing can come of the source at all, empty where something can."""
    seen, bad = measured.figures()["seen"], measured.counts["quarantined"]
    if not source.is_whole:
        return ""
    if not seen:
        return "" if measured.missing else _EMPTY
    none_of_it = "Its only record could not" if seen == 1 else f"None of its {seen:,} records could"
    return f"{none_of_it} be read: {measured.first_bad[0].why}" if bad == seen else ""


def _too_much(measured: Measured, *, held: int) -> str:
    parts = {
        "withdrawn": measured.counts[Outcome.WITHDRAWN],
        "not there any more": len(measured.missing),
        "unreadable now": measured.unreadable,
    }
    losses = ", ".join(f"{count:,} {words}" for words, count in parts.items() if count)
    return (
        f"Of {plurals.counted(held, 'record')} {losses}: that is more than {MOST_LOST_PER_CENT} per cent. "
        "Nothing was changed. Look at the source, and let it through if this is meant."
    )


def _stored(run: FeedRun, kind: Kind, source: Source, measured: Measured, *, now: datetime) -> Ending:
    """Store all batches but the last, which is stored with the end of the run."""
    walk, waiting = Walk(kind, source), Batch()
    for batch in walk.batches():
        if len(waiting):
            _store(run, waiting, now=now)
        waiting = batch
    return Ending(
        FeedRun.Status.COMPLETE, last=waiting, gone=measured.gone, bad=walk.bad, named=walk.named, source=source,
        mark=walk.mark,
    )  # fmt: skip


@unit_of_work()
def _store(run: FeedRun, batch: Batch, *, now: datetime) -> None:
    with _mine(run, now=now):
        _take(run, batch, now=now)


def _take(run: FeedRun, batch: Batch, *, now: datetime) -> None:
    """Store a batch, and add what came of it to the figures. Part of a transaction that holds the run."""
    kind = kinds.of(run.feed.kind)
    outcomes = kind.compare(run.feed, batch.records)
    pairs: list[tuple[Record, Outcome]] = list(zip(batch.records, outcomes, strict=True))
    kind.store(run.feed, [pair for pair in pairs if pair[1] != _AS_IT_WAS], now=now)
    quarantine.put(run, batch.bad, now=now)
    counts = Counter(str(one) for one in outcomes)
    counts["quarantined"], counts["seen"] = len(batch.bad), len(batch)
    FeedRun.objects.filter(pk=run.pk).update(**{name: F(name) + count for name, count in counts.items()})


@contextmanager
def _mine(run: FeedRun, *, now: datetime) -> Iterator[None]:
    """Hold the run, and the feeds of its kind, for what is stored. Raises TakenOver."""
    # Two feeds may have the same record: their batches come one after the other.
    nouns.hold_all(Feed.objects.only("pk").filter(kind=run.feed.kind))
    mine = FeedRun.objects.filter(pk=run.pk, status=FeedRun.Status.RUNNING, turn=run.turn)
    if not mine.update(touched_at=now):
        raise TakenOver
    yield


def _complete(run: FeedRun, ending: Ending, *, now: datetime) -> None:
    kind, feed = kinds.of(run.feed.kind), run.feed
    feed.refresh_from_db()
    if ending.last is not None:
        _take(run, ending.last, now=now)
        if ending.gone:
            kind.let_go(feed, ending.gone, now=now)
        ending.figures = {"missing": len(ending.gone)}
    if ending.bad is not None:
        quarantine.release(feed, ending.bad, ending.named, is_whole=ending.source.is_whole)
    mark = max(feed.mark, ending.mark)
    move(run, FeedRun.Status.COMPLETE, why=ending.why, ended_at=now, turn=None, mark_after=mark, **ending.figures)
    run.refresh_from_db()
    etags = feed.etags if ending.source.etags is None else ending.source.etags
    news = {"last_news_at": now} if run.new or run.changed or run.lost else {}
    Feed.objects.filter(pk=feed.pk).update(mark=mark, etags=etags, last_success_at=now, silent_since=None, **news)
    counts = {name: getattr(run, name) for name in FeedRun.COUNTS}
    steps.record("feed_run.complete", run, by=SYSTEM, now=now, **counts)
    if feed.silent_since is not None:
        steps.record("feed.back", feed, by=SYSTEM, now=now)


def _in_vain(run: FeedRun, ending: Ending, *, now: datetime) -> None:
    before = run.feed.runs.filter(ended_at__isnull=False).values_list("status", flat=True).first()
    move(run, ending.status, why=ending.why, ended_at=now, turn=None, **ending.figures)
    quarantine.put(run, ending.first_bad, now=now)
    run.refresh_from_db()
    data: dict[str, Any] = {"why": ending.why, "is_news": before != ending.status}
    if ending.status == FeedRun.Status.STOPPED:
        data |= {"held": run.held, "withdrawn": run.withdrawn, "missing": run.missing, "quarantined": run.quarantined}
    steps.record(f"feed_run.{ending.status}", run, by=SYSTEM, now=now, **data)
