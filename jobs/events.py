"""What happens to jobs."""

from collections.abc import Mapping
from dataclasses import dataclass

from audit.events import ADMINISTRATION, EventType, Tell, Who, declare
from jobs import queue

# A mail about mail that cannot be sent would breed further ones.
MAIL = "alerts.send"


@dataclass(frozen=True, slots=True)
class JobData:
    """The kind of work that it was."""

    kind: str


def work(data: JobData) -> Mapping[str, str]:
    """Return what the job was to do, in words."""
    return {"work": queue.words(data.kind)}


def is_no_mail(data: JobData) -> bool:
    """Return whether the job was other work than sending mail."""
    return data.kind != MAIL


declare(
    EventType(
        "job.died",
        "Background job stopped",
        Tell(
            "A background job stopped: {work}",
            (Who.ADMINISTRATORS,),
            is_action=True,
            fill=work,
            by_mail=is_no_mail,
            settled_by=("job.retried",),
        ),
        data=JobData,
    ),
    EventType(
        "job.retried",
        "Job retried",
        silent=ADMINISTRATION,
        data=JobData,
    ),
)
