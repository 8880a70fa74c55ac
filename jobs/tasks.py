"""The three Celery tasks: run one job, sweep for what was left, plan what recurs."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from jobs import queue, runner


@shared_task
def run(job_id: str) -> None:
    """Do one job now, if it is still free."""
    runner.run(UUID(job_id), now=timezone.now())


@shared_task
def sweep() -> None:
    """Do jobs that no message woke a worker for, and those whose worker died."""
    runner.run_due(now=timezone.now())


@shared_task
def plan() -> None:
    """Promise the recurring jobs of the current period."""
    queue.plan(now=timezone.now())
