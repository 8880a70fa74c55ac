"""A channel of Payments that mia opened, events that it is told of, and the work of the worker."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from alerts import posting
from alerts.channels import managing
from alerts.models import Channel, Message, Telling
from audit.events import Pace
from audit.models import Event
from jobs import runner
from jobs.models import Job
from tests.alerts.scene import Scene, say
from tests.cast import NOON

HOUR = timedelta(hours=1)


def opened(scene: Scene, address: str, *, kind: str = "webhook", form: str = "", **more: Any) -> tuple[Channel, str]:
    """Return a channel of Payments and its secret."""
    arguments: dict[str, Any] = {"unit": scene.cast.payments, "by": scene.cast.mia, "now": NOON} | more
    return managing.open_channel(name="On call", kind=kind, address=address, form=form, **arguments)


def tell(
    channel: Channel, event: Event, *, pace: Pace = Pace.SOON, title: str = "", now: datetime | None = None
) -> Message:
    """Return the message that tells a channel of an event, as a rule does; promised now, since days count."""
    telling = Telling(
        channel=channel, event=event, title=title or f"{event.object_label} is new", severity=2, pace=pace,
        object_type=event.object_type, object_id=event.object_id,
    )  # fmt: skip
    with transaction.atomic():
        return posting.promise(telling, now=now or timezone.now())


def told(scene: Scene, channel: Channel, **more: Any) -> Message:
    """Return a message that tells the channel that a finding was opened."""
    event = say("finding.opened", scene.finding, by=scene.cast.alice, reason="It was seen.")
    return tell(channel, event, **more)


def work(*, now: datetime = NOON + HOUR) -> None:
    """Do every waiting message job once, as if its time had come."""
    waiting = Job.objects.filter(kind="alerts.post", status=Job.Status.QUEUED)
    waiting.update(run_after=NOON)
    for key in list(waiting.values_list("pk", flat=True)):
        runner.run(key, now=now)
