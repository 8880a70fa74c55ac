"""What is wrong with a shared service for a server behind it, worked out over plain values; no database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from scoring.deadlines import written
from scoring.scales import Severity

# How bad it is depends on what the server could do.
_BY_TIER = {1: Severity.HIGH, 2: Severity.MEDIUM, 3: Severity.LOW, 4: Severity.LOW}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a service. `again_on` is the day until which its assessment counts (None: never assessed);
    availability is in per cent, empty where nobody knows it.
    """

    name: str
    again_on: date | None
    has_failed: bool
    is_single_point: bool | None
    stand_in: str
    can_be_bypassed: bool | None
    bypassed_by: str
    promised: str
    measured: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong, under a lasting word, with what to do about it."""

    word: str
    severity: Severity
    title: str
    description: str
    recommendation: str


def of(service: Facts, *, tier: int, today: date) -> Iterator[Fault]:
    """Yield what is wrong with a service for a server of an inherent tier; what nobody knows is not wrong yet."""
    yield from _of_assessment(service, _BY_TIER[tier], today=today)
    if service.is_single_point and not service.stand_in and tier == 1:
        yield Fault(
            "single_point",
            Severity.HIGH,
            f"{service.name} is a single point of failure",
            f"A server of tier 1 runs behind {service.name}, and nothing takes its place when it fails.",
            "Have something stand in for it and record it, or run it twice.",
        )
    if service.promised and service.measured and Decimal(service.measured) < Decimal(service.promised):
        yield Fault(
            "availability",
            _BY_TIER[tier],
            f"{service.name} is available less than promised",
            f"Promised are {service.promised} %, measured were {service.measured} %. What runs behind it stands still"
            " with it.",
            "Ask why, and claim what the contract gives; then record what is measured since.",
        )
    if service.can_be_bypassed:
        by = f": {service.bypassed_by}" if service.bypassed_by else ""
        yield Fault(
            "bypass",
            _BY_TIER[tier],
            f"{service.name} can be bypassed",
            f"Calls can go past {service.name}{by}. What it blocks, records or asks for does not hold for them.",
            "Close the way past it at the network or at the server, and try it.",
        )


def _of_assessment(service: Facts, severity: Severity, *, today: date) -> Iterator[Fault]:
    if service.again_on is None:
        yield Fault(
            "never_assessed",
            severity,
            f"{service.name} was never assessed",
            f"The server runs behind {service.name}, of which nobody has looked whether it does what it is for.",
            "Assess it and record the result.",
        )
        return
    if service.again_on < today:
        yield Fault(
            "assessment_lapsed",
            severity,
            f"The assessment of {service.name} is too old",
            f"It counted until {written(service.again_on)}.",
            "Assess it again and record the result.",
        )
    if service.has_failed:
        yield Fault(
            "assessment_failed",
            severity,
            f"{service.name} does not hold",
            f"The last assessment of {service.name} came to that.",
            "Mend what was found, then assess it again.",
        )
