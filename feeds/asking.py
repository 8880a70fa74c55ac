"""Feeds are taken in when somebody asks, brings a file, lets a stopped run through, or when the schedule says so."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from django.conf import settings

from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from audit.context import SYSTEM
from evidence.models import Blob
from feeds import taking
from feeds.models import Feed, FeedRun
from jobs import queue
from jobs.models import Job
from riskregister import nouns
from riskregister.refusals import Conflict, Refused
from riskregister.unit_of_work import unit_of_work
from vendors import fields

JOB = "feeds.take"
ADMINISTER, Status = Capability.ADMINISTER, FeedRun.Status
# What the schedule begins at once: the others are due all the same a few minutes later.
AT_ONCE = 2
# A run that fails is tried again after an hour, after two, after four, up to as often as its feed says.
AGAIN_AFTER = timedelta(hours=1)
_MOST_TRIES = 10
# A worker touches its run with each batch; a fetch may take half an hour.
_LOST_AFTER = timedelta(hours=1)
_GAVE_UP = "Whatever took it in has stopped, and gave up or was killed. Run it again."
_UNSIGNED = "It takes in what the feed is there for."


def why_not(feed: Feed) -> Refused | None:
    """Return why nobody can have the feed taken in from its place now, or None."""
    if feed.status == Feed.Status.OFF:
        return Refused("It is switched off. Switch it on first.")
    if feed.where == Feed.Where.UPLOAD:
        return Refused("It has no place of its own. Upload a file.")
    if feed.where == Feed.Where.ADDRESS and settings.FETCH_FEEDS == "off":
        return Refused(
            "This installation fetches no feeds. RISKREGISTER_FETCH_FEEDS switches it on; a file can be uploaded."
        )
    return None


def _why_no_file(feed: Feed) -> Refused | None:
    return Refused("It is switched off. Switch it on first.") if feed.status == Feed.Status.OFF else None


def _why_not_through(run: FeedRun) -> Refused | None:
    if run.status != Status.STOPPED:
        return Refused("Only a run that was stopped can be let through.")
    if FeedRun.objects.filter(lets_through=run.pk).exists():
        return Refused("It was let through already.")
    # What was brought is kept and read again; anything else is had from the feed's place anew.
    return _why_no_file(run.feed) if run.file_id else why_not(run.feed)


@step("feed_run.asked", needs=ADMINISTER, makes=FeedRun, unfit=why_not, unsigned=_UNSIGNED)
def run_now(feed: Feed, *, by: Principal, now: datetime) -> Done[FeedRun]:
    """Return the run in which a job takes in the feed; the one that is under way where there is one.

    Raises Refused for a feed that is switched off, and one that has no place or may not be fetched.
    """
    nouns.hold(feed)
    if refusal := why_not(feed):
        raise refusal
    under_way = FeedRun.objects.under_way().filter(feed=feed).first()
    if under_way is not None:
        return Unchanged(under_way)
    return _promised(_new(feed, by=by, now=now), now=now)


@step("feed_run.asked", needs=ADMINISTER, makes=FeedRun, unfit=_why_no_file, unsigned=_UNSIGNED)
def take_file(feed: Feed, *, file: Blob, file_name: str, by: Principal, now: datetime) -> Done[FeedRun]:
    """Return the run in which a job takes in a file that somebody brought. Raises Refused, and Conflict."""
    nouns.hold(feed)
    if refusal := _why_no_file(feed):
        raise refusal
    if FeedRun.objects.under_way().filter(feed=feed).exists():
        raise Conflict("It is being taken in just now. Wait until that has ended.")
    return _promised(_new(feed, file=file, file_name=file_name, by=by, now=now), now=now)


@step("feed_run.let_through", needs=ADMINISTER, makes=FeedRun, unfit=_why_not_through, reason="reason")
def let_through(run: FeedRun, *, reason: str, by: Principal, now: datetime) -> Done[FeedRun]:
    """Return a run that may lose as many records as the stopped one would have, and no more.

    Raises Refused for a run that was not stopped, or was let through already; Conflict while another is under way.
    """
    nouns.hold(run)
    if refusal := _why_not_through(run):
        raise refusal
    if FeedRun.objects.under_way().filter(feed=run.feed).exists():
        raise Conflict("The feed is being taken in just now. Wait until that has ended.")
    made = _new(run.feed, file=run.file, file_name=run.file_name, stopped=run, reason=reason, by=by, now=now)
    return _promised(made, now=now)


def take_path(feed: Feed, path: Path, *, by: Principal, now: datetime) -> FeedRun:
    """Return the run in which a file or folder of this machine was taken in, at once. Called without a transaction.

    A run that is under way is ended: whoever calls this again after it was killed need not wait. Raises Refused.
    """
    run = _begun(feed, path.name, by=by, now=now)
    try:
        return taking.end(run, taking.perform(run, named=path, now=now), now=now)
    except taking.TakenOver as error:
        raise Conflict("Another run of this feed has begun meanwhile, and goes on alone.") from error


def due(*, now: datetime) -> Iterator[Feed]:
    """Yield the feeds that the schedule takes in now, the one that has waited longest first."""
    waiting = Feed.objects.on().exclude(every=timedelta()).exclude(where=Feed.Where.UPLOAD)
    waiting = waiting.exclude(pk__in=FeedRun.objects.under_way().values("feed"))
    found = [(at, feed.number, feed) for feed in waiting if (at := next_run(feed)) <= now and not why_not(feed)]
    yield from (feed for _at, _number, feed in sorted(found, key=lambda one: one[:2]))


def next_run(feed: Feed) -> datetime:
    """Return when the schedule takes in the feed next; what has never been is due since it was switched on."""
    last = list(feed.runs.order_by("-asked_at", "-id").values_list("status", "asked_at")[:_MOST_TRIES])
    if not last:
        return feed.switched_at
    tries = next((at for at, (status, _) in enumerate(last) if status == Status.COMPLETE), len(last))
    pause = min(AGAIN_AFTER * (1 << tries - 1), feed.every) if tries else feed.every
    return last[0][1] + pause


def run_all_due(*, now: datetime) -> int:
    """Promise the runs that are due, a few at once, and return how many. Each in its own transaction."""
    if settings.FETCH_FEEDS != "scheduled":
        return 0
    return sum(_run_due(feed, now=now) for feed in islice(due(now=now), AT_ONCE))


def note_lost(*, now: datetime) -> int:
    """End the runs that nobody performs any more, and return how many; each in its own transaction."""
    lost = [run for run in FeedRun.objects.under_way().select_related("feed") if _is_lost(run, now=now)]
    for run in lost:
        _give_up(run, now=now)
    return len(lost)


@unit_of_work()
def _begun(feed: Feed, name: str, *, by: Principal, now: datetime) -> FeedRun:
    nouns.hold(feed)
    if refusal := _why_no_file(feed):
        raise refusal
    for run in FeedRun.objects.under_way().filter(feed=feed):
        _give_up(run, now=now)
    return _new(feed, file_name=name[:200], by=by, now=now)


@unit_of_work()
def _give_up(run: FeedRun, *, now: datetime) -> None:
    try:
        taking.begin(run, now=now)
    except taking.TakenOver:
        return
    taking.end(run, taking.Ending(Status.FAILED, _GAVE_UP), now=now)


def _new(
    feed: Feed, *, by: Principal, now: datetime, file: Blob | None = None, file_name: str = "",
    stopped: FeedRun | None = None, reason: str = "",
) -> FeedRun:  # fmt: skip
    lost = stopped.lost + stopped.quarantined if stopped else 0
    run = FeedRun(
        feed=feed, file=file, file_name=file_name, lets_through=stopped, reason=reason, may_lose=lost,
        mark_before=feed.mark, mark_after=feed.mark, asked_by=by.person, asked_at=now,
    )  # fmt: skip
    fields.save_once(run, otherwise=Conflict("It is being taken in just now. Wait until that has ended."))
    return run


def _promised(run: FeedRun, *, now: datetime) -> Done[FeedRun]:
    queue.enqueue(JOB, key=_key(run), now=now, run=str(run.pk))
    return Done(run, feed=run.feed.name, file_name=run.file_name)


def _key(run: FeedRun) -> str:
    return f"{JOB}:{run.pk}"


def _run_due(feed: Feed, *, now: datetime) -> bool:
    try:
        run = run_now(feed, by=SYSTEM, now=now)
    except Refused:
        # Since the list was read somebody switched it off.
        return False
    return run.asked_at == now


def _is_lost(run: FeedRun, *, now: datetime) -> bool:
    job = Job.objects.filter(key=_key(run)).first()
    if job is not None:
        return job.status == Job.Status.DEAD
    return max(run.asked_at, run.touched_at or run.asked_at) < now - _LOST_AFTER
