"""What the clock asks of the room."""

from datetime import timedelta

from django.utils import timezone

from findings import acceptance
from jobs import queue


@queue.handler("findings.acceptances", every=timedelta(minutes=10))
def sweep_acceptances(running: queue.Running) -> None:
    """Open the findings again whose acceptance ran out."""
    acceptance.record_expired(now=timezone.now())
