"""The jobs of the room: looking, and asking for looks by tier."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from collectors import ageing, asking, receiving
from jobs import queue
from monitoring import applying
from monitoring.models import Run


@queue.handler(asking.JOB, words="Look up what shows of a server", is_one_at_once=True)
def look(job: queue.Running) -> None:
    """Look without a transaction, and keep what was seen with the completion of the job."""
    run = Run.objects.select_related("server__pinned_release", "release").get(pk=job.payload["run"])
    if run.status not in Run.UNDER_WAY:
        return
    applying.begin(run, now=timezone.now())
    job.report(1, "Asking")
    seen, raw = asking.perform(run, now=timezone.now())
    with job.finish():
        asking.apply(run, seen, raw, now=timezone.now())


@queue.handler("collectors.due", every=timedelta(hours=1), words="Ask for look-ups of servers by their tier")
def ask_all_due(job: queue.Running) -> None:
    """Promise the looks that are due, where the installation schedules them; done twice it asks for no more."""
    asking.ask_all_due(now=timezone.now())


@queue.handler("collectors.ageing", every=timedelta(hours=6), words="Compare open assessments with what still counts")
def compare_anew(job: queue.Running) -> None:
    """Let open assessments take in what counts by now; done twice it changes nothing more."""
    ageing.compare_anew(now=timezone.now())


@queue.handler(receiving.JOB, words="Take in what a collector brought")
def receive(job: queue.Running) -> None:
    """Take in what a collector that runs apart brought; done twice it finds nothing more."""
    receiving.receive(UUID(job.payload["claim"]), now=timezone.now())
    with job.finish():
        pass


@queue.on_sweep
def promise_brought(*, now: datetime) -> None:
    """Promise that what collectors brought is taken in."""
    receiving.promise(now=now)


@queue.on_sweep
def note_lost(*, now: datetime) -> None:
    """End the runs that nobody looks for any more."""
    asking.note_lost(now=now)
    receiving.note_lost(now=now)
