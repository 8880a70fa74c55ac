"""Trying a stopped job again, when somebody asks for it."""

from datetime import datetime

from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, step
from jobs.models import Job
from riskregister.refusals import Conflict


class NotStopped(Conflict):
    """The job is not stopped, or not any more."""


def _not_stopped(job: Job) -> NotStopped:
    return NotStopped("This job is not stopped any more. Look at the list again.")


@step(
    "job.retried",
    needs=Capability.ADMINISTER,
    unsigned="The job does what it was to do before.",
    frm=(Job.Status.DEAD,),
    to=Job.Status.QUEUED,
    otherwise=_not_stopped,
)
def retry(job: Job, *, by: Principal, now: datetime) -> Done[Job]:
    """Queue a stopped job again with its tries reset. Raises NotStopped when somebody else did first."""
    job.attempts, job.run_after = 0, now
    return Done(job, kind=job.kind)
