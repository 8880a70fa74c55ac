"""The jobs of the room: looking at a server, and asking for looks by tier."""

from datetime import datetime, timedelta

from django.utils import timezone

from inspection import checking, inspecting
from jobs import queue
from monitoring import applying
from monitoring.models import Run
from vendors.models import Server


@queue.handler(inspecting.JOB, words="Look at a server", is_one_at_once=True)
def look(job: queue.Running) -> None:
    """Look at a server without a transaction, and keep what was seen with the completion of the job."""
    run = Run.objects.select_related("server", "release").get(pk=job.payload["run"])
    if run.status not in Run.UNDER_WAY:
        return
    applying.begin(run, now=timezone.now())
    job.report(1, "Asking the server")
    seen, raw = inspecting.perform(run, now=timezone.now())
    with job.finish():
        inspecting.apply(run, seen, raw, now=timezone.now())


@queue.handler("inspection.due", every=timedelta(hours=1), words="Ask for looks at servers by their tier")
def ask_all_due(job: queue.Running) -> None:
    """Promise the looks that are due, where the installation schedules them; done twice it asks for no more."""
    inspecting.ask_all_due(now=timezone.now())


@queue.handler(checking.JOB, words="Check what a server offers")
def check(job: queue.Running) -> None:
    """Check what the register knows of a server's tools; done twice it finds nothing new to check."""
    # It may have gone with the demo organisation.
    server = Server.objects.filter(pk=job.payload["server"]).first()
    with job.finish():
        if server is not None:
            checking.check(server, now=timezone.now())


@queue.handler("inspection.checks_due", every=timedelta(hours=1), words="Ask for checks of what servers offer")
def promise_checks(job: queue.Running) -> None:
    """Promise the checks that another version of them, or other neighbours, make due."""
    checking.promise_due(now=timezone.now())


@queue.on_sweep
def note_lost(*, now: datetime) -> None:
    """End the runs that nobody looks for any more."""
    inspecting.note_lost(now=now)
