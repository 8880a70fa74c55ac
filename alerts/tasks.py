"""What workers do for the room. The relay runs in every sweep: it registers itself when it is imported."""

from uuid import UUID

from django.utils import timezone

from alerts import deliveries, relay
from jobs import queue

__all__ = ["relay", "send"]


@queue.handler("alerts.send")
def send(job: queue.Running) -> None:
    """Deliver one message."""
    deliveries.attempt(UUID(job.payload["delivery"]), job=job, now=timezone.now)
