"""What happens to the demo organisation."""

from dataclasses import dataclass

from audit.events import ADMINISTRATION, EventType, declare


@dataclass(frozen=True, slots=True)
class BuiltData:
    """The ids of the people whom it invited."""

    people: list[str]


@dataclass(frozen=True, slots=True)
class RemovedData:
    """How many records went, and how many people can no longer sign in."""

    servers: int
    vendors: int
    assessments: int
    findings: int
    evidence: int
    people: int


declare(
    EventType("demo.built", "Demo built", silent=ADMINISTRATION, data=BuiltData),
    EventType("demo.removed", "Demo removed", silent=ADMINISTRATION, data=RemovedData),
)
