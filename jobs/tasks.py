"""The three Celery tasks: run one job, sweep for what was left, plan what recurs; and the room's own jobs."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from jobs import dated, queue, runner
from riskregister import nouns


@shared_task
def run(job_id: str) -> None:
    """Do one job now, if it is still free."""
    runner.run(UUID(job_id), now=timezone.now())


@shared_task
def sweep() -> None:
    """Do the chores, then jobs that no message woke a worker for, and those whose worker died."""
    queue.do_chores(now=timezone.now())
    runner.run_due(now=timezone.now())


@shared_task
def plan() -> None:
    """Promise the recurring jobs of the current period, and set right what another clock put off."""
    now = timezone.now()
    queue.set_right(now=now)
    queue.plan(now=now)


@queue.handler("jobs.prune", every=timedelta(days=1))
def prune(job: queue.Running) -> None:
    """Forget jobs that were done long ago."""
    with job.finish():
        queue.prune(now=timezone.now())


def tell_days_of(*them: dated.Dated) -> None:
    """Let a job of its own look at each every ten minutes, so that none waits for another. For the tasks of a room."""
    for one in them:
        dated.declare(one)
        plural = nouns.card(one.rows().model).plural
        queue.handler(f"days.{one.word}", every=timedelta(minutes=10), words=f"Tell of the days of {plural}")(
            partial(_tell_days, one)
        )


def _tell_days(one: dated.Dated, running: queue.Running) -> None:
    dated.tell(one, now=timezone.now())
