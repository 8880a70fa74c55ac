"""The room's own jobs, and how a room lets the days of its rows be told."""

from datetime import timedelta
from functools import partial

from django.utils import timezone

from jobs import dated, queue
from riskregister import nouns


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
