"""What workers do for the room."""

from datetime import timedelta

from django.utils import timezone

from accounts import tokens
from jobs import queue


@queue.handler("accounts.tokens", every=timedelta(days=1))
def record_expiring_tokens(job: queue.Running) -> None:
    """Say which tokens expire soon."""
    with job.finish():
        tokens.record_expiring(now=timezone.now())
