"""Which message tells of an alert: one a person and occasion, and once a day what is not urgent.

A message is open until its time has come: what a person must know meanwhile joins it. Then it is sealed, in a statement
of its own before anything is sent: every later try says the same under the same Message-ID, and what comes after it
opens the next. The alert joins in the transaction that made it and holds the open message until that commits, so that
no message is sealed without an alert which counts as told by it.
"""

from datetime import datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, Q, QuerySet, When
from django.utils import timezone

from accounts.models import User
from alerts.delivery import quiet
from alerts.models import Alert, Delivery, QuietHours
from audit.events import Pace
from jobs import queue
from riskregister import nouns

# Critical things wait for no pause longer than this: fifty at once are one message, or two.
CRITICAL_PAUSE = timedelta(minutes=1)
# What the register finds by the clock comes row by row: the message waits until the sweep is through.
SWEEP = timedelta(seconds=30)
DIGEST_AT = time(7)


def join(alert: Alert, *, now: datetime) -> None:
    """Let the next message to the recipient tell of the alert. Call it in the transaction that made the alert."""
    kind = Delivery.Kind.DIGEST if alert.pace == Pace.DAILY else Delivery.Kind.PROMPT
    alert.delivery = _open(alert.recipient, kind, _send_after(alert, now=now), now=now)
    alert.save(update_fields=["delivery"])


def seal(key: UUID, *, now: datetime) -> None:
    """Let nothing join the message any more; the moment of the first time stays."""
    Delivery.objects.filter(pk=key, sealed_at__isnull=True).update(sealed_at=now)


def contents(delivery: Delivery) -> "QuerySet[Alert]":
    """Return what the message tells, most pressing first: not what had been settled when it was sealed."""
    alerts = delivery.alerts.select_related("event")
    if delivery.sealed_at:
        alerts = alerts.filter(Q(settled_at__isnull=True) | Q(settled_at__gt=delivery.sealed_at))
    is_critical = Case(When(pace=Pace.CRITICAL, then=0), default=1)
    return alerts.order_by(is_critical, "-is_action", "created_at", "pk")


def next_digest(now: datetime) -> datetime:
    """Return the next morning on which digests are sent, in the organisation's zone."""
    local = timezone.localtime(now)
    today = local.replace(hour=DIGEST_AT.hour, minute=0, second=0, microsecond=0)
    return today if local < today else today + timedelta(days=1)


def _send_after(alert: Alert, *, now: datetime) -> datetime:
    """Return when the alert is to be told: at once after a pause, else when the pause since the last is over.

    What is not critical waits until the person's quiet hours are over.
    """
    hours = QuietHours.objects.filter(person=alert.recipient_id).first() if alert.pace != Pace.CRITICAL else None
    return quiet.after(_as_soon_as(alert, now=now), hours)


def _as_soon_as(alert: Alert, *, now: datetime) -> datetime:
    if alert.pace == Pace.DAILY:
        return next_digest(now)
    pause = settings.MAIL_PAUSE
    if alert.pace == Pace.CRITICAL:
        return _after_the_last(alert.recipient, min(pause, CRITICAL_PAUSE), now=now)
    gathered = now + min(pause, SWEEP) if alert.event.actor_kind == "system" else now
    return max(gathered, _after_the_last(alert.recipient, pause, now=now))


def _after_the_last(person: User, pause: timedelta, *, now: datetime) -> datetime:
    sealed = Delivery.objects.filter(recipient=person, kind=Delivery.Kind.PROMPT, sealed_at__gt=now - pause)
    last = sealed.order_by("-sealed_at").values_list("sealed_at", flat=True).first()
    return last + pause if last else now


def _open(person: User, kind: Delivery.Kind, send_after: datetime, *, now: datetime) -> Delivery:
    """Return the open message to the person, held until the transaction ends, and promised for then at the latest."""
    mine = Delivery.objects.filter(recipient=person, kind=kind, sealed_at__isnull=True)
    delivery = next(iter(nouns.hold_all(mine)), None)
    while delivery is None:
        # Another relay may have opened it first, and a worker may seal that before this one sees it.
        delivery = _begin(person, kind, send_after, now=now) or next(iter(nouns.hold_all(mine)), None)
    if send_after < delivery.send_after:
        delivery.send_after = send_after
        delivery.save(update_fields=["send_after"])
        queue.bring_forward(_key(delivery), run_after=send_after)
    return delivery


def _begin(person: User, kind: Delivery.Kind, send_after: datetime, *, now: datetime) -> Delivery | None:
    """Return a new open message with its job, or None when there is one."""
    delivery = Delivery(recipient=person, kind=kind, address=person.email, send_after=send_after)
    delivery.message_id = f"<{delivery.pk}@{settings.MESSAGE_ID_DOMAIN}>"
    try:
        with transaction.atomic():
            delivery.save(force_insert=True)
    except IntegrityError:
        return None
    queue.enqueue("alerts.send", key=_key(delivery), now=now, run_after=send_after, delivery=str(delivery.pk))
    return delivery


def _key(delivery: Delivery) -> str:
    return f"mail:{delivery.pk}"
