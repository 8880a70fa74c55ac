"""What happens to escalations."""

from collections.abc import Mapping
from dataclasses import dataclass

from audit.events import EventType, Pace, Tell, Who, declare
from escalations import belonging
from scoring.scales import Severity


@dataclass(frozen=True, slots=True)
class EscalationData:
    """What waits, how bad that is in one word, and for how many days it has waited."""

    what: str
    severity: str
    days: int


@dataclass(frozen=True, slots=True)
class OverData:
    """What waited, and the same occurrence's severity in one word."""

    what: str
    severity: str


def told(data: EscalationData) -> Mapping[str, str]:
    """Return what waits, and for how long, in words."""
    days = f"for {data.days} day{'' if data.days == 1 else 's'}" if data.days else "and in nobody’s hands"
    return {"what": data.what, "days": days}


def pace_of(data: EscalationData) -> Pace:
    """Return that what is critical is told at once."""
    return Pace.CRITICAL if data.severity == Severity.CRITICAL.word else Pace.SOON


SETTLED = ("escalation.acknowledged", "escalation.over")
TITLE = "{what}, not acknowledged {days}: {subject}"


def _climbed_to(rung: Who) -> Tell:
    """Return what the people of a rung are told when it is reached."""
    return Tell(
        TITLE,
        (rung,),
        otherwise=Who.ADMINISTRATORS,
        is_action=True,
        fill=told,
        pace=pace_of,
        barred=belonging.outsiders,
        settled_by=SETTLED,
    )


declare(
    EventType(
        "escalation.begun",
        "Escalation begun",
        silent="The event that it begins with tells the owner; the next rungs are told when they are reached.",
        data=EscalationData,
    ),
    EventType(
        "escalation.to_managers",
        "Escalated to the managers",
        _climbed_to(Who.MANAGERS),
        data=EscalationData,
    ),
    EventType(
        "escalation.to_head",
        "Escalated to the head",
        _climbed_to(Who.HEAD),
        data=EscalationData,
    ),
    EventType(
        "escalation.acknowledged",
        "Escalation acknowledged",
        silent="It stops the ladder; whoever was told sees in their inbox that it is settled, and by whom.",
    ),
    EventType(
        "escalation.over",
        "Escalation over",
        silent="It waits no more, by a step that has an event of its own.",
        data=OverData,
    ),
)
