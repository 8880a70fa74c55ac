"""What happens to the statuses of controls."""

from dataclasses import dataclass

from audit.events import ENTERED, EventType, Tell, Who, declare, soon
from jobs.days import DayData, ends, near


@dataclass(frozen=True, slots=True)
class StatedData:
    """What is stated of which control."""

    control: str
    state: str


RESTATED = ("control_status.restated", "control_status.withdrawn")

declare(
    EventType("control_status.stated", "Control status stated", silent=ENTERED, data=StatedData, often=True),
    EventType("control_status.restated", "Control status changed", silent=ENTERED, data=StatedData, often=True),
    EventType("control_status.withdrawn", "Control status taken back", silent=ENTERED, data=StatedData),
    EventType(
        "control_status.ending",
        "Control status runs out soon",
        Tell("The status of {label} {ends}", (Who.OWNER,), otherwise=Who.ANALYSTS, fill=ends, pace=near),
        data=DayData,
    ),
    EventType(
        "control_status.ended",
        "Control status ran out",
        Tell(
            "{label} is not known any more: its status ran out",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            is_action=True,
            pace=soon,
            settled_by=RESTATED,
        ),
        data=DayData,
    ),
    EventType(
        "control_status.due_soon",
        "Planned control due soon",
        Tell("{label} is planned and {due}", (Who.OWNER,), otherwise=Who.ANALYSTS, pace=near),
        data=DayData,
    ),
    EventType(
        "control_status.overdue",
        "Planned control overdue",
        Tell(
            "{label} is planned and {due}",
            (Who.OWNER, Who.MANAGERS),
            otherwise=Who.ANALYSTS,
            is_action=True,
            settled_by=RESTATED,
        ),
        data=DayData,
    ),
)
