"""What happens to the statuses of controls."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from audit.events import ASKED_AND_OWNER, ENTERED, EventType, Tell, Who, declare, soon
from controls.models import TierAcceptance
from jobs.days import DayData, UntilData, ends, near
from vendors.events import OwnerData


@dataclass(frozen=True, slots=True)
class StatedData:
    """What is stated of which control."""

    control: str
    state: str


@dataclass(frozen=True, slots=True)
class ShortenedData:
    """Of which control, on which evidence it rests, and the last day on which it counts now."""

    control: str
    evidence: str
    valid_until: str


@dataclass(frozen=True, slots=True)
class CarriedOverData:
    """The reference of the control, and the revision of its framework that the status speaks of now."""

    control: str
    revision: str


RESTATED = ("control_status.restated", "control_status.withdrawn")

YOURS = Tell("{label} is yours now", (Who.OWNER,), pace=soon)

declare(
    EventType("control_status.stated", "Control status stated", silent=ENTERED, data=StatedData, often=True),
    EventType("control_status.restated", "Control status changed", silent=ENTERED, data=StatedData, often=True),
    EventType("control_status.withdrawn", "Control status taken back", silent=ENTERED, data=StatedData),
    EventType(
        "control_status.carried_over",
        "Control status goes with the next revision",
        silent="The revision is an event of its own; whose control is gone is shown as orphaned.",
        data=CarriedOverData,
    ),
    EventType("control_status.handed_over", "Control status handed over", YOURS, data=OwnerData),
    EventType(
        "control_status.shortened",
        "Control status counts less long",
        Tell("{label} counts until {valid_until} only: its evidence does", (Who.OWNER,), otherwise=Who.ANALYSTS),
        data=ShortenedData,
    ),
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


@dataclass(frozen=True, slots=True)
class LowerTier:
    """Which governance tier is asked for, where which other is proposed, and until when."""

    tier: int
    proposed: int
    until: str


@dataclass(frozen=True, slots=True)
class PlanData:
    """Towards which tier, with how many controls that are missing."""

    to_tier: int
    controls: int


@dataclass(frozen=True, slots=True)
class ReachedData:
    """Which tier the plan led to."""

    to_tier: int


@dataclass(frozen=True, slots=True)
class MilestoneData:
    """Of which control a milestone is."""

    control: str


@dataclass(frozen=True, slots=True)
class MovedData:
    """Of which control a milestone is, and from which day to which it was moved."""

    control: str
    was: str
    due_on: str


def asker_and_owners(acceptance: TierAcceptance) -> Collection[UUID]:
    """Return who asked for a lower tier, and who owns the deployment or its server, or gave them away: they do not
    decide it.
    """
    gave = acceptance.server.given_away.values_list("person_id", flat=True)
    owners = filter(None, (acceptance.deployment.owner_id, acceptance.server.owner_id))
    return {acceptance.requested_by_id, *owners, *gave}


_ENDED = ("tier_plan.finished", "tier_plan.dropped", "tier_plan.rescheduled", "tier_plan.milestone_done")
_SILENT = "The plan's page and the gap show it; nothing waits for anybody."

declare(
    EventType(
        "tier_acceptance.requested",
        "Lower governance tier asked for",
        Tell(
            "{actor} asks to run {label} where tier {proposed} is proposed",
            (Who.APPROVERS,),
            otherwise=Who.MANAGERS,
            is_action=True,
            barred=asker_and_owners,
            settled_by=("tier_acceptance.granted", "tier_acceptance.refused"),
        ),
        data=LowerTier,
    ),
    EventType(
        "tier_acceptance.granted",
        "Lower governance tier accepted",
        Tell("The lower tier is accepted: {label}", ASKED_AND_OWNER, pace=soon),
        data=UntilData,
    ),
    EventType(
        "tier_acceptance.refused",
        "Lower governance tier refused",
        Tell("The lower tier is refused: {label}", ASKED_AND_OWNER, pace=soon),
    ),
    EventType(
        "tier_acceptance.revoked",
        "Acceptance of a lower governance tier taken back",
        Tell("The lower tier is accepted no more: {label}", (*ASKED_AND_OWNER, Who.MANAGERS), pace=soon),
    ),
    EventType(
        "tier_acceptance.ending",
        "Acceptance of a lower governance tier ends soon",
        Tell("The acceptance {label} {ends}", ASKED_AND_OWNER, otherwise=Who.ANALYSTS, fill=ends, pace=near),
        data=DayData,
    ),
    EventType(
        "tier_acceptance.ended",
        "Acceptance of a lower governance tier ran out",
        Tell("The acceptance {label} has run out", (*ASKED_AND_OWNER, Who.MANAGERS), pace=soon),
        data=DayData,
    ),
    EventType("tier_plan.made", "Tier plan made", silent=ENTERED, data=PlanData),
    EventType("tier_plan.handed_over", "Tier plan handed over", YOURS, data=OwnerData),
    EventType("tier_plan.changed", "Tier plan changed", silent=ENTERED),
    EventType("tier_plan.rescheduled", "Milestone of a tier plan moved", silent=ENTERED, data=MovedData),
    EventType("tier_plan.milestone_done", "Milestone of a tier plan done", silent=_SILENT, data=MilestoneData),
    EventType(
        "tier_plan.milestone_undone", "Milestone of a tier plan not done any more", silent=_SILENT, data=MilestoneData
    ),
    EventType("tier_plan.dropped", "Tier plan given up", silent=_SILENT),
    EventType(
        "tier_plan.finished",
        "Tier plan finished",
        Tell("{label}: nothing is missing any more, so the tier can be set", (Who.OWNER, Who.MANAGERS), pace=soon),
        data=ReachedData,
    ),
    EventType(
        "tier_plan.due_soon",
        "Milestone of a tier plan due soon",
        Tell("A milestone of {label} {due}", (Who.OWNER,), otherwise=Who.ANALYSTS, pace=near),
        data=DayData,
    ),
    EventType(
        "tier_plan.overdue",
        "Milestone of a tier plan overdue",
        Tell(
            "A milestone of {label} {due}",
            (Who.OWNER, Who.MANAGERS),
            otherwise=Who.ANALYSTS,
            is_action=True,
            settled_by=_ENDED,
        ),
        data=DayData,
    ),
)
