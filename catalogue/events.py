"""What happens to frameworks and to the organisation's own controls."""

from dataclasses import dataclass

from audit.events import ENTERED, EventType, declare


@dataclass(frozen=True, slots=True)
class ImportedData:
    """Which revision came in with how many controls, and how many of those before it has no more."""

    key: str
    revision: str
    controls: int
    vanished: int


@dataclass(frozen=True, slots=True)
class ControlData:
    """Which of our own controls."""

    control: str


declare(
    EventType("framework.imported", "Framework imported", silent=ENTERED, data=ImportedData),
    EventType("framework.control_added", "Control added", silent=ENTERED, data=ControlData, often=True),
    EventType("framework.control_changed", "Control changed", silent=ENTERED, data=ControlData, often=True),
    EventType("framework.control_withdrawn", "Control withdrawn", silent=ENTERED, data=ControlData),
)
