"""The jobs of the room: drawing a report, and saying so when its job has given up."""

from datetime import datetime

from django.utils import timezone

from jobs import queue
from jobs.models import Job
from reports import issuing, requests
from reports.models import Report

GAVE_UP = (
    "The report could not be made after several tries. Ask for it again, or ask an administrator to look at its job."
)


@queue.handler(requests.JOB, words="Draw a report")
def render(job: queue.Running) -> None:
    """Read what the report prints unless that was done before a kill, draw its parts, and issue it with the job."""
    report = Report.objects.select_related("assessment__server", "unit").get(pk=job.payload["report"])
    if report.status in (Report.Status.ISSUED, Report.Status.WITHDRAWN):
        return
    job.report(1, "Reading the register")
    issuing.read(report, now=timezone.now())
    job.report(10, "Drawing")
    drawn = []
    for part in issuing.draw(report, now=timezone.now()):
        drawn.append(part)
        job.report(10 + 85 * len(drawn) // (len(drawn) + 1), f"Part {len(drawn)} is drawn")
    with job.finish():
        issuing.issue(report, drawn, now=timezone.now())


@queue.on_sweep
def note_failures(*, now: datetime) -> None:
    """Mark the reports whose job has given up as failed: a job that kills its worker cannot say so itself."""
    for report in Report.objects.filter(status__in=Report.UNDER_WAY):
        newest = requests.jobs_of(report).first()
        if newest is not None and newest.status == Job.Status.DEAD:
            issuing.fail(report, reason=GAVE_UP, now=now)
