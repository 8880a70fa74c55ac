"""Something to be told of: a server of Payments with its finding, review, and the events about them."""

from dataclasses import dataclass
from datetime import timedelta
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from django.db import transaction

from alerts import relay
from alerts.models import Alert
from audit import events, trail
from audit.events import EventType
from audit.models import Event
from decisions.models import Review
from findings.event_data import SeverityData
from findings.models import Finding
from tests.cast import NOON, TODAY, Cast, assemble
from tests.kept import kept
from vendors.models import Server


@dataclass(frozen=True)
class Scene:
    """The cast, and what they work on; alice owns the server and the finding."""

    cast: Cast
    server: Server
    finding: Finding
    review: Review


@kept
def build() -> Scene:
    """Return the scene with everything told so far out of the way."""
    cast = assemble()
    server = Server.objects.create(
        unit=cast.payments, name="io.example/files", title="Filesystem", owner=cast.alice, created_at=NOON
    )
    finding = Finding.objects.create(
        unit=cast.payments,
        server=server,
        source=Finding.Source.MANUAL,
        stable_key="keys",
        title="Keys are not rotated",
        severity=2,
        dimension="security_posture",
        owner=cast.alice,
        last_observed_at=NOON,
        created_at=NOON,
        opened_at=NOON,
        due_on=TODAY + timedelta(days=30),
    )
    review = Review.objects.create(
        unit=cast.payments,
        server=server,
        occasion="first",
        trigger=Review.Trigger.CADENCE,
        due_on=TODAY + timedelta(days=14),
        assignee=cast.alice,
        created_at=NOON,
    )
    relay.relay(now=NOON)
    return Scene(cast, server, finding, review)


def say(verb: str, obj: Any, *, by: Any, **more: Any) -> Event:
    """Record an event as a step does, with an example of its data, and return it."""
    with transaction.atomic():
        return trail.record(verb, obj, by=by, at=more.pop("at", NOON), **{**example(events.of(verb)), **more})


def example(kind: EventType) -> dict[str, Any]:
    """Return something that an event of this kind can say: a day for a day, else "1", 1, and lists of one."""
    known = {"day": TODAY.isoformat()}
    if kind.data is SeverityData:
        known |= {"was": "low", "severity": "high"}
    return {name: known.get(name) or _example(hint) for name, hint in get_type_hints(kind.data).items()}


def _example(hint: Any) -> Any:
    if get_origin(hint) is list:
        return [_example(get_args(hint)[0])]
    if isinstance(hint, UnionType):
        return _example(get_args(hint)[0])
    return None if hint is type(None) else hint("1")


def told(event: Event) -> dict[str, Alert]:
    """Relay what waits, and return the alerts of an event by the recipient's first name."""
    relay.relay(now=NOON)
    return {alert.recipient.name.lower(): alert for alert in Alert.objects.filter(event=event)}
