"""The job of the room: noting which clients have stopped asking."""

from datetime import timedelta

from django.utils import timezone

from containment.calls import silence
from jobs import queue


@queue.handler("containment.silence", every=timedelta(hours=1), words="Note which clients have stopped asking")
def note_silence(job: queue.Running) -> None:
    """Tell of clients that fell silent; done twice it tells no more."""
    silence.note(now=timezone.now())
