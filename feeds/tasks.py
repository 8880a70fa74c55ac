"""The jobs of the room: taking in a feed, asking for those that are due, and telling of those that are silent."""

from datetime import datetime, timedelta

from django.utils import timezone

from feeds import asking, silence, taking
from feeds.models import FeedRun
from jobs import queue


@queue.handler(asking.JOB, words="Take in a feed", is_one_at_once=True)
def take(job: queue.Running) -> None:
    """Take in a feed in transactions of its own, the last of which completes the job."""
    run = FeedRun.objects.select_related("feed", "file").get(pk=job.payload["run"])
    try:
        ending = taking.perform(run, now=timezone.now())
        with job.finish():
            taking.end(run, ending, now=timezone.now())
    except taking.TakenOver:
        # Whoever performs it now, or has ended it, says what came of it.
        return


@queue.handler("feeds.due", every=timedelta(minutes=5), words="Ask for the feeds that are due")
def run_all_due(job: queue.Running) -> None:
    """Promise a few runs that are due, where the installation schedules them; done twice it asks for no more."""
    asking.run_all_due(now=timezone.now())


@queue.handler("feeds.silence", every=timedelta(minutes=10), words="Note which feeds have gone quiet")
def note_silence(job: queue.Running) -> None:
    """Tell of feeds that are silent for longer than they may; done twice it tells no more."""
    silence.note(now=timezone.now())


@queue.on_sweep
def note_lost(*, now: datetime) -> None:
    """End the runs that nobody performs any more."""
    asking.note_lost(now=now)
