"""What happens to the seal of the trail."""

from dataclasses import dataclass

from audit.events import EventType, Tell, Who, critical, declare


@dataclass(frozen=True, slots=True)
class BrokenData:
    """How much did not hold."""

    problems: int


declare(
    EventType(
        "trail.broken",
        "Trail does not hold",
        Tell("The trail is not what was sealed: {problems} problems", (Who.ADMINISTRATORS,), pace=critical),
        data=BrokenData,
    ),
)
