"""From the outbox to the inboxes: every event is turned into alerts and promised deliveries exactly once."""

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import User
from alerts import recipients, routing, subjects
from alerts.models import Alert, Delivery
from alerts.recipients import Told
from alerts.subjects import Subject
from audit import context, events
from audit.models import Event, Outbox
from jobs import queue

log = logging.getLogger("alerts")
# A sweep must come back to its jobs; what is left is relayed half a second to five seconds later.
BATCH = 200
Promise = Callable[[Alert, User, datetime], None]


@queue.on_sweep
def relay(*, now: datetime) -> int:
    """Turn events that nobody has been told of into alerts, oldest first; return how many events were relayed.

    Any number of relays may run at once, and each may be killed anywhere: an event and its alerts are one transaction.
    An event that cannot be relayed stays in the outbox, where /readyz shows its age, and holds up no other.
    """
    rows = Outbox.objects.filter(relayed_at__isnull=True).order_by("event_id").values_list("pk", flat=True)
    relayed, keys = 0, list(rows[:BATCH])
    while keys:
        relayed += sum(_relay_safely(pk, now=now) for pk in keys)
        # A batch of nothing but bad events must not hide what waits behind it.
        keys = [] if relayed else list(rows.filter(pk__gt=keys[-1])[:BATCH])
    return relayed


def relay_without_mail(*, now: datetime) -> int:
    """Write the alerts of all waiting events and promise no mail; return how many events were relayed.

    For a past that is told afterwards: nobody is written to of what is long over. Raises what a bad event raises.
    """
    waiting = Outbox.objects.filter(relayed_at__isnull=True).order_by("event_id")
    return sum(_relay(pk, now=now, promise=_no_mail) for pk in list(waiting.values_list("pk", flat=True)))


def _relay_safely(event_id: UUID, *, now: datetime) -> bool:
    try:
        return relay_one(event_id, now=now)
    except Exception:  # The edge of the loop: one bad event must not silence all that come after it.
        log.exception("event %s could not be relayed", event_id)
        return False


def relay_one(event_id: UUID, *, now: datetime) -> bool:
    """Write the alerts of one event and promise its mail; return False when another relay has done it."""
    return _relay(event_id, now=now, promise=_promise_mail)


@transaction.atomic
def _relay(event_id: UUID, *, now: datetime, promise: Promise) -> bool:
    # First of all: the row is locked by it, so that a second relay waits here and then finds nothing to do.
    if not Outbox.objects.filter(pk=event_id, relayed_at__isnull=True).update(relayed_at=now):
        return False
    event = Event.objects.select_related("outbox").get(pk=event_id)
    with context.acting(context.SYSTEM, correlation_id=event.correlation_id):
        _tell(event, now=now, promise=promise)
    return True


def _tell(event: Event, *, now: datetime, promise: Promise) -> None:
    try:
        tell = events.of(event.verb).tell
    except events.Undeclared:
        log.warning("nobody is told of %s: no room declares it any more", event.verb)
        return
    subject = subjects.find(event) if tell else None
    if tell is None or subject is None:
        return
    notices = routing.notices(tell, subjects.facts(event, subject))
    for told in recipients.choose(notices, subject, event):
        alert = _alert(event, subject, told)
        if told.notice.by_mail:
            promise(alert, told.person, now)


def _alert(event: Event, subject: Subject, told: Told) -> Alert:
    return Alert.objects.create(
        event=event,
        recipient=told.person,
        title=told.notice.title,
        body=told.notice.body,
        why=told.why,
        is_action=told.notice.is_action,
        object_type=subject.opens._meta.label_lower,
        object_id=subject.opens.pk,
        created_at=event.at,
    )


def _promise_mail(alert: Alert, person: User, now: datetime) -> None:
    delivery = Delivery(alert=alert, channel=Delivery.Channel.EMAIL, address=person.email)
    delivery.message_id = f"<{delivery.pk}@{settings.MESSAGE_ID_DOMAIN}>"
    delivery.save(force_insert=True)
    queue.enqueue("alerts.send", key=f"mail:{delivery.pk}", now=now, delivery=str(delivery.pk))


def _no_mail(alert: Alert, person: User, now: datetime) -> None:
    """Leave it at the inbox."""
