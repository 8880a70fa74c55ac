"""Telling people outside the register: send, try again with growing pauses, and give up in sight."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import models

from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import step
from alerts import bundles
from alerts.channels import email
from alerts.models import Delivery
from jobs import queue
from riskregister import transitions

# About 41 hours in all: a mail server that is down for a whole day loses nothing.
PAUSES = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(hours=24),
)

# Each is a step of its own; what is beyond is tried again by asking once more.
AGAIN_AT_ONCE = 200

CHANNELS: dict[str, Callable[[Delivery], None]] = {Delivery.Channel.EMAIL: email.send}


def attempt(delivery_id: UUID, *, job: queue.Running, now: Callable[[], datetime]) -> None:
    """Try once to deliver, and keep the outcome together with the job's completion.

    The network is used outside any transaction. A delivery that was sent already is left as it is.
    """
    bundles.seal(delivery_id, now=now())
    delivery = Delivery.objects.select_related("recipient").get(pk=delivery_id)
    if delivery.status not in {Delivery.Status.PENDING, Delivery.Status.FAILED}:
        return
    if not delivery.body and not bundles.contents(delivery).exists():
        with job.finish():
            transitions.move(delivery, Delivery.Status.DROPPED)
        return
    error, last = _try(delivery)
    with job.finish():
        _note(delivery, error=error, last=last, now=now())


def _try(delivery: Delivery) -> tuple[str, bool]:
    """Return what went wrong, empty for nothing, and whether there is no point in trying again."""
    if not delivery.recipient.is_active:
        return "The person is no longer active.", True
    try:
        CHANNELS[delivery.channel](delivery)
    except email.Refused as refusal:
        return str(refusal), True
    except email.NotSent as failure:
        return str(failure), delivery.attempts >= len(PAUSES)
    return "", False


def _note(delivery: Delivery, *, error: str, last: bool, now: datetime) -> None:
    done = {"attempts": delivery.attempts + 1, "error": error[:300]}
    if not error:
        transitions.move(delivery, Delivery.Status.SENT, sent_at=now, **done)
        return
    if delivery.status == Delivery.Status.FAILED:
        transitions.move(delivery, Delivery.Status.PENDING)
    transitions.move(delivery, Delivery.Status.FAILED, **done)
    if last:
        transitions.move(delivery, Delivery.Status.GIVEN_UP)
    else:
        _promise(delivery, run_after=now + PAUSES[delivery.attempts - 1], now=now)


def _promise(delivery: Delivery, *, run_after: datetime, now: datetime) -> None:
    key = f"mail:{delivery.pk}:{delivery.attempts}"
    queue.enqueue("alerts.send", key=key, now=now, run_after=run_after, delivery=str(delivery.pk))


def given_up() -> models.QuerySet[Delivery]:
    """Return deliveries that will not be tried again unless an administrator asks for it, newest first."""
    return Delivery.objects.filter(status=Delivery.Status.GIVEN_UP).select_related("recipient")


def title(delivery: Delivery) -> str:
    """Return the subject of a message."""
    return delivery.subject or email.subject(delivery, list(bundles.contents(delivery)))


@step(
    "delivery.retried",
    needs=Capability.ADMINISTER,
    frm=(Delivery.Status.GIVEN_UP,),
    to=Delivery.Status.PENDING,
    unsigned="It sends again what was to be sent, to the same person.",
)
def retry(delivery: Delivery, *, by: Principal, now: datetime) -> Delivery:
    """Promise one more try of a delivery that was given up, to the recipient's address of today, and return it.

    The Message-ID stays. The next try of one that was not given up is promised already.
    """
    delivery.error, delivery.address = "", delivery.recipient.email
    queue.enqueue("alerts.send", key=f"mail:{delivery.pk}:again:{now.isoformat()}", now=now, delivery=str(delivery.pk))
    return delivery


def retry_all(*, by: Principal, now: datetime) -> int:
    """Promise one more try of what was given up, the oldest first, AGAIN_AT_ONCE at most; return of how many.

    What somebody else promised meanwhile is left as it is. Raises NotPermitted.
    """
    return sum(_retried(one, by=by, now=now) for one in given_up().order_by("send_after", "pk")[:AGAIN_AT_ONCE])


def _retried(delivery: Delivery, *, by: Principal, now: datetime) -> bool:
    with suppress(transitions.IllegalTransition):
        retry(delivery, by=by, now=now)
        return True
    return False
