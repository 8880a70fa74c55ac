"""What the clock asks about the people who hold the work."""

from datetime import timedelta

from django.utils import timezone

from jobs import queue
from work import orphans


@queue.handler("work.handover", every=timedelta(hours=1))
def sweep_what_nobody_can_do(running: queue.Running) -> None:
    """Give on what people hold whose role for it has ended, and say which servers need another owner."""
    now = timezone.now()
    orphans.hand_over(now=now)
    orphans.report_servers(now=now)
