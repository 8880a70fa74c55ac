"""What workers do for the room. The relay runs in every sweep: it registers itself when it is imported."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from alerts import posting, relay
from alerts.delivery import deliveries, weekly
from jobs import queue

__all__ = ["post", "relay", "send"]


@queue.handler("alerts.send", words="Send a mail")
def send(job: queue.Running) -> None:
    """Deliver one message."""
    deliveries.attempt(UUID(job.payload["delivery"]), job=job, now=timezone.now)


@queue.handler("alerts.weekly", every=timedelta(hours=1))
def write_weekly(job: queue.Running) -> None:
    """Write the weekly digests that are due."""
    weekly.write_due(now=timezone.now())


@queue.handler("alerts.post", words="Tell a channel")
def post(job: queue.Running) -> None:
    """Deliver one message to a channel."""
    posting.attempt(UUID(job.payload["message"]), job=job, now=timezone.now)
