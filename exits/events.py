"""What happens to exit plans."""

from dataclasses import dataclass

from audit.events import ENTERED, EventType, Tell, Who, declare


@dataclass(frozen=True, slots=True)
class Trial:
    """The day on which it was tried."""

    tried_on: str


WORKED = ("exit_plan.worked", "exit_plan.rewritten")

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
)
