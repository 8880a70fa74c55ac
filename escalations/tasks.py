"""What the clock asks of the ladders that the rooms declare."""

from datetime import timedelta
from functools import partial

from django.utils import timezone

from escalations import climbing, ladders
from escalations.ladders import Ladder
from jobs import queue


def let_climb(*them: Ladder) -> None:
    """Declare ladders, and let a job of its own look at each every ten minutes. For the tasks of a room."""
    ladders.declare(*them)
    for one in them:
        queue.handler(f"escalations.{one.word}", every=timedelta(minutes=10), words=f"Escalate: {one.words}")(
            partial(_climb, one)
        )


def _climb(ladder: Ladder, running: queue.Running) -> None:
    climbing.climb(ladder, now=timezone.now())
