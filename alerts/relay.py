"""From the outbox to the inboxes: every event is turned into alerts and promised deliveries exactly once."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from alerts import bundles
from alerts.models import Alert, AlertRule
from alerts.recipients import choosing, deputising, kinds, moved_days, recipients, routing, settling, subjects
from alerts.recipients.recipients import Recipient
from alerts.recipients.subjects import Subject
from alerts.rules import applying, telling
from audit import context, events
from audit.events import Pace
from audit.models import Event, Outbox
from jobs import queue

log = logging.getLogger("alerts")
# A sweep must come back to its jobs; what is left is relayed by the next.
BATCH = 200
Batch = list[tuple[UUID, UUID | None]]
Promise = Callable[[Alert, datetime], None]
Rules = Sequence[AlertRule]


@queue.on_sweep
def relay(*, now: datetime) -> int:
    """Turn events that nobody has been told of into alerts, oldest first; return how many events were relayed.

    Any number of relays may run at once, and each may be killed anywhere: an event and its alerts are one transaction.
    An event that cannot be relayed stays in the outbox, where /readyz shows its age, and holds up no other.
    """
    waiting = Outbox.objects.filter(relayed_at__isnull=True).order_by("event_id")
    rows = waiting.values_list("pk", "event__correlation_id")
    relayed, batch = 0, list(rows[:BATCH])
    while batch:
        rules = applying.active()
        for occasion, keys in _by_occasion(batch):
            relay_them = _relay_occasion if occasion else _relay_each
            relayed += relay_them(keys, rules, now=now)
        # A batch of nothing but bad events must not hide what waits behind it.
        batch = [] if relayed else list(rows.filter(pk__gt=batch[-1][0])[:BATCH])
    return relayed


def _by_occasion(batch: Batch) -> list[tuple[UUID | None, list[UUID]]]:
    """Return the events that wait by the step or sweep that brought them, with those of the last beyond the batch."""
    found: dict[UUID | None, list[UUID]] = {}
    for key, occasion in batch:
        found.setdefault(occasion, []).append(key)
    last_key, last = batch[-1]
    if last and len(batch) == BATCH:
        rest = Outbox.objects.filter(relayed_at__isnull=True, event__correlation_id=last, pk__gt=last_key)
        found[last] += rest.order_by("event_id").values_list("pk", flat=True)
    return list(found.items())


@transaction.atomic
def _relay_occasion(keys: list[UUID], rules: Rules, *, now: datetime) -> int:
    """Relay all events of one occasion together, so that the mail about the first is not sent without the others."""
    return _relay_each(keys, rules, now=now)


def _relay_each(keys: list[UUID], rules: Rules, *, now: datetime) -> int:
    return sum(_safely(key, rules, now=now) for key in keys)


def relay_without_mail(*, now: datetime) -> int:
    """Write the alerts of all waiting events and promise no mail; return how many events were relayed.

    For a past that is told afterwards: nobody is written to of what is long over. Raises what a bad event raises.
    """
    waiting = Outbox.objects.filter(relayed_at__isnull=True).order_by("event_id")
    keys, rules = list(waiting.values_list("pk", flat=True)), applying.active()
    return sum(_relay(pk, rules, now=now, promise=_no_mail) for pk in keys)


def _safely(event_id: UUID, rules: Rules, *, now: datetime) -> bool:
    try:
        return _relay(event_id, rules, now=now, promise=_promise_mail)
    except Exception:  # The edge of the loop: one bad event must not silence all that come after it.
        log.exception("event %s could not be relayed", event_id)
        return False


def relay_one(event_id: UUID, *, now: datetime) -> bool:
    """Write the alerts of one event and promise its mail; return False when another relay has done it."""
    return _relay(event_id, applying.active(), now=now, promise=_promise_mail)


@transaction.atomic
def _relay(event_id: UUID, rules: Rules, *, now: datetime, promise: Promise) -> bool:
    # First of all: the row is locked by it, so that a second relay waits here and then finds nothing to do.
    if not Outbox.objects.filter(pk=event_id, relayed_at__isnull=True).update(relayed_at=now):
        return False
    event = Event.objects.select_related("outbox").get(pk=event_id)
    with context.acting(context.SYSTEM, correlation_id=event.correlation_id):
        _tell(event, rules, now=now, promise=promise)
    return True


def _tell(event: Event, known: Rules, *, now: datetime, promise: Promise) -> None:
    try:
        kind = events.of(event.verb)
    except events.Undeclared:
        log.warning("nobody is told of %s: no room declares it any more", event.verb)
        return
    moved_days.settle(event)
    rules, settles = applying.of(event, known), settling.settles_anything(event.verb)
    subject = subjects.find(event) if kind.tell or settles or rules else None
    if subject is None:
        return
    if settles:
        settling.settle(event, subject)
    if kind.tell is None and not rules:
        return
    facts = subjects.facts(event, subject)
    named = recipients.choose(routing.notices(kind.tell, facts), subject, event) if kind.tell else []
    is_critical = routing.is_critical(kind, facts)
    fits = applying.fitting(rules, event, subject.row, is_critical=is_critical, now=now)
    heard = telling.of(fits, event, subject, routing.words(kind, facts))
    settled = settling.already(event, kind.tell, subject) if kind.tell else None
    everybody = deputising.add_to(heard.add_to(named), subject, event, on=timezone.localdate(now))
    _tell_people(everybody, event, subject, settled, now=now, promise=promise)
    if promise is not _no_mail:
        heard.post(event, subject, now=now)


def _tell_people(
    people: list[Recipient], event: Event, subject: Subject, settled: Event | None, *, now: datetime, promise: Promise
) -> None:
    # In one order: two relays that both hold open messages of these people wait for each other.
    everybody = sorted(people, key=lambda one: one.person.pk)
    chosen = choosing.chosen([one.person for one in everybody], kinds.of(event.verb))
    for one in everybody:
        usual = choosing.pace(one.notice.pace, chosen.get(one.person.pk, ""))
        by_mail = choosing.soonest(usual if one.notice.by_mail else None, one.by_rule)
        alert = _alert(event, subject, one, pace=by_mail or usual or one.notice.pace)
        if settled:
            settling.note(alert, settled)
        elif by_mail is not None:
            promise(alert, now)


def _alert(event: Event, subject: Subject, recipient: Recipient, *, pace: Pace) -> Alert:
    return Alert.objects.create(
        event=event,
        recipient=recipient.person,
        title=recipient.notice.title,
        body=recipient.notice.body,
        why=recipient.why,
        is_action=recipient.notice.is_action,
        pace=pace,
        object_type=subject.opens._meta.label_lower,
        object_id=subject.opens.pk,
        created_at=event.at,
    )


def _promise_mail(alert: Alert, now: datetime) -> None:
    bundles.join(alert, now=now)


def _no_mail(alert: Alert, now: datetime) -> None:
    """Leave it at the inbox."""
