"""The messages of Celery: they wake a worker, which then asks the job table what there is to do."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from jobs import queue, runner
from jobs.models import Job
from riskregister.celery import app


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


def wake(job: Job) -> None:
    """Tell a worker that a job waits; with a broker that is down, the sweep finds it.

    The message runs `run` under the name of the job's kind: that is what Flower and `inspect` show and count.
    """
    try:
        app.send_task("jobs.celery_tasks.run", args=[str(job.pk)], shadow=job.kind, retry=False, ignore_result=True)
    except OperationalError:
        # The job row is committed: the sweep runs it when a worker is back.
        return
