"""Doing jobs: claim with a lease, run, and commit the effects together with the completion."""

import logging
import threading
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from audit import context, trail
from jobs import queue
from jobs.models import Job

log = logging.getLogger("jobs")


class LeaseLost(Exception):
    """Another worker holds the job now; nothing of this run may be kept."""


class Claimed:
    """A job in this worker's hands, under a lease that a side thread renews until the run ends."""

    def __init__(self, job: Job) -> None:
        """Keep the claimed row."""
        self.id: uuid.UUID = job.pk
        self.payload: dict[str, Any] = job.payload
        self.token = job.lease_token
        self.finished = False

    def _mine(self) -> Any:
        return Job.objects.filter(pk=self.id, status=Job.Status.RUNNING, lease_token=self.token)

    @contextmanager
    def finish(self) -> Iterator[None]:
        """Open the transaction of the effects; on leaving it the job is done, or LeaseLost undoes everything."""
        with transaction.atomic():
            yield
            now = timezone.now()
            done = self._mine().update(
                status=Job.Status.DONE, finished_at=now, progress=100, error="", lease_token=None, lease_until=None
            )
            if not done:
                raise LeaseLost(str(self.id))
        self.finished = True

    def report(self, progress: int, note: str = "") -> None:
        """Show progress in per cent; raises LeaseLost when the job is no longer this worker's."""
        if not self._mine().update(progress=min(progress, 99), note=note[:200]):
            raise LeaseLost(str(self.id))

    def renew(self) -> bool:
        """Extend the lease; return False when it was lost."""
        return bool(self._mine().update(lease_until=timezone.now() + settings.JOB_LEASE))


def due(*, now: datetime, limit: int, among: Q | None = None) -> list[uuid.UUID]:
    """Return ids of jobs that wait or whose lease ran out, oldest first; `among` says of which."""
    waiting = Q(status=Job.Status.QUEUED, run_after__lte=now)
    abandoned = Q(status=Job.Status.RUNNING, lease_until__lt=now)
    rows = Job.objects.filter(waiting | abandoned, among or Q()).order_by("run_after", "id")
    return list(rows.values_list("pk", flat=True)[:limit])


def next_moment() -> datetime | None:
    """Return when the next job is due or its lease runs out; None while none waits."""
    queued = Job.objects.filter(status=Job.Status.QUEUED).order_by("run_after").values_list("run_after", flat=True)
    leased = Job.objects.filter(status=Job.Status.RUNNING).order_by("lease_until").values_list("lease_until", flat=True)
    return min(filter(None, (queued.first(), leased.first())), default=None)


def run(job_id: uuid.UUID, *, now: datetime) -> bool:
    """Do one job if it is due and free; return whether this worker did it."""
    job = _claim(job_id, now=now)
    if job is None:
        return False
    claimed = Claimed(job)
    with context.acting(_actor(job), correlation_id=job.correlation_id), _renewing(claimed):
        _do(job, claimed)
    return True


def run_due(*, now: datetime, limit: int = 20) -> int:
    """Do the jobs that are due now; return how many this worker did."""
    return sum(run(job_id, now=timezone.now()) for job_id in due(now=now, limit=limit))


def _claim(job_id: uuid.UUID, *, now: datetime) -> Job | None:
    free = Q(status=Job.Status.QUEUED, run_after__lte=now) | Q(status=Job.Status.RUNNING, lease_until__lt=now)
    token = uuid.uuid4()
    # A lease that ran out on the last try means that the job kills its worker: it stops like any other failure.
    spent = Job.objects.filter(free, pk=job_id, attempts__gte=settings.JOB_ATTEMPTS)
    with transaction.atomic():
        if spent.update(status=Job.Status.DEAD, lease_token=None, lease_until=None, error=_NO_ANSWER, finished_at=now):
            _say_dead(job_id, now=now)
            return None
    claimed = Job.objects.filter(free, pk=job_id).update(
        status=Job.Status.RUNNING, lease_token=token, lease_until=now + settings.JOB_LEASE, attempts=F("attempts") + 1
    )
    return Job.objects.get(pk=job_id) if claimed else None


_NO_ANSWER = "The worker stopped answering during the last try."


def _actor(job: Job) -> context.Actor:
    label = f"Job {job.kind}" + (f" for {job.actor_label}" if job.person_id else "")
    return context.Actor("job", str(job.pk), label, job.person_id)


def _do(job: Job, claimed: Claimed) -> None:
    try:
        queue.handler_of(job.kind)(claimed)
        if not claimed.finished:
            with claimed.finish():
                pass
    except LeaseLost:
        log.warning("job %s was taken over by another worker", job)
    except Exception:  # The edge of the worker's loop: whatever a handler raises, the job row must say so.
        log.exception("job %s failed", job)
        _fail(job, claimed, traceback.format_exc(limit=-5))


def _fail(job: Job, claimed: Claimed, error: str) -> None:
    now = timezone.now()
    dead = job.attempts >= settings.JOB_ATTEMPTS
    pause = min(timedelta(seconds=2**job.attempts * 5), queue.LONGEST_PAUSE)
    with transaction.atomic():
        mine = claimed._mine().update(
            status=Job.Status.DEAD if dead else Job.Status.QUEUED,
            run_after=now + pause,
            error=error[-4000:],
            finished_at=now if dead else None,
            lease_token=None,
            lease_until=None,
        )
        if mine and dead:
            _say_dead(job.pk, now=now)


def _say_dead(job_id: uuid.UUID, *, now: datetime) -> None:
    job = Job.objects.get(pk=job_id)
    trail.record("job.died", job, by=context.SYSTEM, at=now, kind=job.kind)


@contextmanager
def _renewing(claimed: Claimed) -> Iterator[None]:
    """Renew the lease from a side thread with a connection of its own, three times in its length."""
    over = threading.Event()
    thread = threading.Thread(target=_renew_until, args=(claimed, over), daemon=True)
    # In a test's transaction another connection cannot see the row, and a short job needs no renewal.
    if not connection.in_atomic_block:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if thread.ident:
            thread.join(timeout=5)


def _renew_until(claimed: Claimed, over: threading.Event) -> None:
    try:
        while not over.wait(settings.JOB_LEASE.total_seconds() / 3):
            if not _renewed(claimed):
                return
    finally:
        connection.close()


def _renewed(claimed: Claimed) -> bool:
    """Return False when the lease was lost; a database that does not answer is asked again before the lease ends."""
    try:
        close_old_connections()
        return claimed.renew()
    except (DatabaseError, InterfaceError) as error:
        log.warning("the lease of job %s was not renewed: %s", claimed.id, error)
        connection.close()
        return True
