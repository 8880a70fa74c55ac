"""What happens to exit plans."""

from dataclasses import dataclass

from audit.events import ENTERED, EventType, Tell, Who, declare
from jobs.days import DayData, left, near


@dataclass(frozen=True, slots=True)
class Trial:
    """The day on which it was tried."""

    tried_on: str


WORKED = ("exit_plan.worked", "exit_plan.rewritten")
TRIED = (*WORKED, "exit_plan.failed", "server.retired")

declare(
    EventType("exit_plan.written", "Exit plan written", silent=ENTERED),
    EventType("exit_plan.rewritten", "Exit plan changed", silent=ENTERED),
    EventType(
        "exit_plan.worked", "Exit plan shown to work", silent="Good news that the plan's page shows.", data=Trial
    ),
    EventType(
        "exit_plan.failed",
        "Exit plan failed its trial",
        tell=Tell(
            "The exit plan of {subject} did not hold", (Who.OWNER, Who.MANAGERS), is_action=True, settled_by=WORKED
        ),
        data=Trial,
    ),
    EventType(
        "exit_plan.trial_ending",
        "Exit plan to be tried again soon",
        Tell(
            "The exit plan of {subject} is to be tried again {left}",
            (Who.OWNER,), otherwise=Who.MANAGERS, is_action=True, fill=left, pace=near, settled_by=TRIED,
        ),
        data=DayData,
    ),
    EventType(
        "exit_plan.trial_ended",
        "Exit plan to be tried again",
        Tell(
            "The exit plan of {subject} was last tried more than a year ago: try it again",
            (Who.OWNER, Who.MANAGERS), is_action=True, settled_by=TRIED,
        ),
        data=DayData,
    ),
)  # fmt: skip
