"""Trying a stopped job again, when somebody asks for it."""

from datetime import datetime

from django.db import transaction

from audit import trail
from jobs.models import Job
from riskregister.refusals import Conflict
from riskregister.transitions import change_if


class NotStopped(Conflict):
    """The job is not stopped, or not any more."""


@transaction.atomic
def retry(job: Job, *, by: object, now: datetime) -> Job:
    """Queue a stopped job again with its tries reset; raise NotStopped when somebody else did first."""
    if not change_if(job, {"status": Job.Status.DEAD}, status=Job.Status.QUEUED, attempts=0, run_after=now):
        raise NotStopped("This job is not stopped any more. Look at the list again.")
    trail.record("job.retried", job, by=by, at=now, administrative=True, kind=job.kind)
    return job
