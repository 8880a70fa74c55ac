"""What a message says, as plain data: one document, of which each kind of channel makes its own words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from accounts.models import Unit
from alerts import links
from alerts.models import Channel, Message, Telling
from audit import events
from audit.events import Pace
from scoring.scales import Severity

Payload = dict[str, Any]
DIGEST = "alerts.digest"
TRIED = "channel.tried"


def payload_of(message: Message) -> Payload:
    """Return what a message says: its type, its moment, and in `data` the alerts, most pressing first.

    The type of one alert is the verb of its event; that of several is DIGEST.
    """
    if message.kind == Message.Kind.TRIAL:
        return _document(message, TRIED, [_trial(message)])
    tellings = sorted(message.tellings.select_related("event"), key=_pressing)
    units = _names(tellings)
    alerts = [_alert(one, units) for one in tellings]
    is_one = len(alerts) == 1 and message.kind == Message.Kind.PROMPT
    return _document(message, alerts[0]["verb"] if is_one else DIGEST, alerts)


def _document(message: Message, type_: str, alerts: list[Payload]) -> Payload:
    title = alerts[0]["title"] if len(alerts) == 1 else f"{len(alerts)} things to know"
    channel = {"ref": message.channel.ref, "name": message.channel.name}
    return {
        "type": type_,
        "timestamp": _moment(message.sealed_at or message.promised_at),
        "data": {"title": title, "organisation": settings.ORGANISATION, "channel": channel, "alerts": alerts},
    }


def _pressing(one: Telling) -> tuple[bool, int, UUID]:
    """Return the place in a message. What nobody knows stands before what is known to be low."""
    severity = one.severity if one.severity is not None else Severity.MEDIUM
    return (one.pace != Pace.CRITICAL, severity, one.pk)


def _names(tellings: list[Telling]) -> Mapping[UUID | None, str]:
    keys = {key for one in tellings if (key := one.event.unit_id)}
    return dict(Unit.objects.filter(pk__in=keys).values_list("pk", "name"))


def _alert(one: Telling, units: Mapping[UUID | None, str]) -> Payload:
    event = one.event
    return {
        "event": str(event.pk),
        "verb": event.verb,
        "words": events.words(event.verb),
        "title": one.title,
        "note": one.note,
        "severity": Severity(one.severity).word if one.severity is not None else None,
        "is_critical": one.pace == Pace.CRITICAL,
        "at": _moment(event.at),
        "unit": units.get(event.unit_id),
        "object": {"type": event.object_type, "id": str(event.object_id), "label": event.object_label},
        "actor": event.actor_label,
        "reason": event.reason,
        "url": links.absolute(one),
        "data": event.data,
    }


def _trial(message: Message) -> Payload:
    channel: Channel = message.channel
    return {
        "event": str(message.pk),
        "verb": TRIED,
        "words": events.words(TRIED),
        "title": f"A trial of {channel}: so you will be told.",
        "note": "",
        "severity": None,
        "is_critical": False,
        "at": _moment(message.promised_at),
        "unit": channel.unit.name if channel.unit else None,
        "object": {"type": channel._meta.label_lower, "id": str(channel.pk), "label": str(channel)},
        "actor": "",
        "reason": "",
        "url": f"{settings.ORIGIN}{reverse('web:channel-detail', args=[channel.pk])}",
        "data": {},
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
