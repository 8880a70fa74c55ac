"""Whether whatever was to be told outside the register was told, still is to be, or lies where somebody sees it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from alerts.models import Delivery, Message
from jobs.models import Job

# Which kind of job delivers what, and under which name it holds its key.
_DELIVERED_BY = {"alerts.send": "delivery", "alerts.post": "message"}


@dataclass(frozen=True, slots=True)
class Balance:
    """How many messages there are, by where they are.

    `pending` are those with a job that will try them, `dead` those that wait for a person (given up, or their job
    stopped), `dropped` the mail of which nothing was left to tell. `lost` is what nobody would ever deliver: 0.
    """

    promised: int
    sent: int
    pending: int
    dead: int
    dropped: int

    @property
    def lost(self) -> int:
        """Return how many were promised and are nowhere."""
        return self.promised - self.sent - self.pending - self.dead - self.dropped


def balance() -> Balance:
    """Return the balance of all mail and all messages to channels."""
    mail = _one(Delivery.objects.all(), Delivery.Status.PENDING, Delivery.Status.FAILED, kind="alerts.send")
    posts = _one(Message.objects.all(), *Message.WAITING, kind="alerts.post")
    dropped = Delivery.objects.filter(status=Delivery.Status.DROPPED).count()
    promised, sent, pending, dead = (first + second for first, second in zip(mail, posts, strict=True))
    return Balance(promised, sent, pending, dead, dropped)


def _one(rows: "QuerySet[Delivery] | QuerySet[Message]", *waiting: str, kind: str) -> tuple[int, int, int, int]:
    """Return how many there are, were sent, wait with a job, and wait for a person."""
    keys = set(rows.filter(status__in=waiting).values_list("pk", flat=True))
    alive = _with_job(kind, (Job.Status.QUEUED, Job.Status.RUNNING)) & keys
    stopped = (_with_job(kind, (Job.Status.DEAD,)) & keys) - alive
    given_up = rows.filter(status="given_up").count()
    return rows.count(), rows.filter(status="sent").count(), len(alive), len(stopped) + given_up


def _with_job(kind: str, states: Iterable[str]) -> set[UUID]:
    """Return the keys of what the jobs in these states are to deliver."""
    found = Job.objects.filter(kind=kind, status__in=states).values_list("payload", flat=True)
    return {UUID(payload[_DELIVERED_BY[kind]]) for payload in found}
