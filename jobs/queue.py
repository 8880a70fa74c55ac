"""Promising work: job rows, the handlers that do them, and work that recurs."""

import logging
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import models, transaction

from audit import context
from jobs.models import Job


class Running(Protocol):
    """A job in a worker's hands, as its handler sees it."""

    id: UUID
    payload: dict[str, Any]

    def finish(self) -> AbstractContextManager[None]:
        """Open the transaction that holds the job's effects and its completion; entered once, at the end."""

    def report(self, progress: int, note: str = "") -> None:
        """Show how far the job is, in per cent, to whoever waits for it."""


Handler = Callable[[Running], None]
log = logging.getLogger("jobs")
# A key that is gone could be promised anew: periods and occasions older than this never come back.
KEPT = timedelta(days=30)
# The clocks of two machines are not further apart than this.
SKEW = timedelta(minutes=10)
# How long a job that failed waits at most.
LONGEST_PAUSE = timedelta(hours=1)


class Chore(Protocol):
    """Something cheap and repeatable that every sweep does, such as relaying the outbox."""

    __name__: str

    def __call__(self, *, now: datetime) -> object:
        """Do what is left to do; doing it twice, or in two sweeps at once, does no harm."""


C = TypeVar("C", bound=Chore)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Work that is promised once in every period of the clock."""

    kind: str
    every: timedelta


class UnknownKind(Exception):
    """No handler is registered for this kind of job."""


_handlers: dict[str, Handler] = {}
_words: dict[str, str] = {}
_one_at_once: set[str] = set()
_recurrences: dict[str, Recurrence] = {}
_chores: dict[str, Chore] = {}
_wakers: list[Callable[[Job], object]] = []


def handler(
    kind: str, *, every: timedelta | None = None, words: str = "", is_one_at_once: bool = False
) -> Callable[[Handler], Handler]:
    """Register a function that does jobs of this kind; with `every`, one is promised in each such period.

    `words` say to people what it does; unless given, the function's own first sentence does. `is_one_at_once` is for
    what waits for machines of others: the embedded worker gives all such jobs together one of its few threads.
    """

    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        _words[kind] = words or (function.__doc__ or kind).strip().partition(".")[0].partition(";")[0]
        if is_one_at_once:
            _one_at_once.add(kind)
        if every:
            _recurrences[kind] = Recurrence(kind, every)
        return function

    return register


def handler_of(kind: str) -> Handler:
    """Return the function for a kind; raise UnknownKind."""
    if kind not in _handlers:
        raise UnknownKind(kind)
    return _handlers[kind]


def words(kind: str) -> str:
    """Return what a job of this kind does, in words for people; of one that nobody does any more, the kind."""
    return _words.get(kind, kind)


def one_at_once() -> frozenset[str]:
    """Return the kinds of which the embedded worker does one job at once."""
    return frozenset(_one_at_once)


def kinds() -> list[str]:
    """Return the kinds that somebody does."""
    return sorted(_handlers)


def on_sweep(chore: C) -> C:
    """Register a function that every sweep calls with the moment, before it does jobs; return it unchanged."""
    _chores[f"{chore.__module__}.{chore.__name__}"] = chore
    return chore


def do_chores(*, now: datetime) -> None:
    """Call what is registered with `on_sweep`; one that fails is logged, tried again next time, and stops no other."""
    for name, chore in _chores.items():
        try:
            chore(now=now)
        except Exception:  # The edge of the sweep: jobs must be done whatever a chore raises.
            log.exception("%s failed", name)


def enqueue(kind: str, *, key: str, now: datetime, run_after: datetime | None = None, **payload: Any) -> bool:
    """Promise a job in the current transaction and wake a worker when it commits.

    Returns True when the job was promised now, False when a job with this `key` was promised before.
    """
    actor, here = context.actor(), context.occasion()
    job = Job(
        kind=kind,
        key=key,
        payload=payload,
        run_after=run_after or now,
        created_at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        person_id=actor.person_id,
        correlation_id=here.correlation_id if here else None,
    )
    if Job.objects.filter(key=key).exists():
        return False
    Job.objects.bulk_create([job], ignore_conflicts=True)
    created = Job.objects.filter(pk=job.pk).exists()
    if created:
        transaction.on_commit(lambda: wake(job), robust=True)
    return created


def bring_forward(key: str, *, run_after: datetime) -> None:
    """Let a job that waits for a later moment run then instead."""
    Job.objects.filter(key=key, status=Job.Status.QUEUED, run_after__gt=run_after).update(run_after=run_after)
    for job in Job.objects.filter(key=key, status=Job.Status.QUEUED):
        transaction.on_commit(partial(wake, job), robust=True)


def wake(job: Job) -> None:
    """Tell a worker that a job waits, where something can; else the sweep finds it."""
    for waker in _wakers:
        waker(job)


def woken_by(waker: Callable[[Job], object]) -> None:
    """Have workers woken by a function that gets each job when its promise is committed."""
    _wakers.append(waker)


def set_right(*, now: datetime) -> int:
    """Let work be done that a clock which ran ahead put off; return how much there was.

    A clock that is set back by weeks would else leave it undone for as long: jobs that were promised, and leases that
    were taken, in what is the future now. A worker that lives all the same keeps nothing of what another one has done.
    """
    ahead = now + SKEW
    abandoned = Job.objects.filter(status=Job.Status.RUNNING, lease_until__gt=ahead + settings.JOB_LEASE)
    promised = models.Q(created_at__gt=ahead)
    failed = models.Q(attempts__gt=0, run_after__gt=ahead + LONGEST_PAUSE)
    waiting = Job.objects.filter(promised | failed, status=Job.Status.QUEUED, run_after__gt=ahead)
    return abandoned.update(lease_until=now) + waiting.update(run_after=now)


def recurring() -> dict[str, timedelta]:
    """Return the kinds that recur, and how often."""
    return {recurrence.kind: recurrence.every for recurrence in _recurrences.values()}


def plan(*, now: datetime) -> int:
    """Promise the recurring jobs of the current periods; return how many were new.

    A period is counted from the epoch, so any number of planners promise each occasion once.
    """
    return len(plan_some(list(_recurrences), now=now))


def plan_some(kinds: Collection[str], *, now: datetime) -> list[str]:
    """Do the same for some kinds, and return those of which the job was new; nothing is written where none is."""
    keys = {kind: f"{kind}:{_period(_recurrences[kind].every, now=now)}" for kind in kinds}
    promised = set(Job.objects.filter(key__in=keys.values()).values_list("key", flat=True)) if keys else set()
    made = []
    for kind, key in keys.items():
        if key not in promised:
            with transaction.atomic():
                made += [kind] if enqueue(kind, key=key, now=now) else []
    return made


def following(every: timedelta, *, now: datetime) -> datetime:
    """Return when the period after the current one begins."""
    return datetime.fromtimestamp((_period(every, now=now) + 1) * every.total_seconds(), tz=UTC)


def _period(every: timedelta, *, now: datetime) -> int:
    return int(now.timestamp() // every.total_seconds())


def prune(*, now: datetime) -> int:
    """Delete jobs that were done more than 30 days ago, and return how many; dead ones wait for an administrator."""
    old = Job.objects.filter(status=Job.Status.DONE, finished_at__lt=now - KEPT)
    return old.delete()[0]
