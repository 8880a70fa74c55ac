"""What happens to decisions: approvals and their conditions, ratings, overrides, reviews."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from uuid import UUID

from audit.events import ASKED_AND_OWNER, EventType, Pace, Tell, Who, critical, declare, never, nobody_left, soon
from decisions import event_data
from decisions.models import RatingOverride
from jobs import days
from jobs.days import DayData, UntilData, near
from scoring.scales import Residual

DECISIONS = {
    "approve": "is approved",
    "approve_with_conditions": "is approved with conditions",
    "reject": "is rejected",
}


def decided(data: event_data.ApprovalData) -> Mapping[str, str]:
    """Return the decision in words."""
    return {"decision": DECISIONS.get(data.decision, "was decided")}


def ends(data: event_data.ApprovalEnding) -> Mapping[str, str]:
    """Return in how many days it ends, in words."""
    if data.days == 0:
        return {"ends": "ends today"}
    return {"ends": f"ends in {data.days} day{'s' if data.days > 1 else ''}"}


def pace_of(data: event_data.ApprovalEnding) -> Pace:
    """Return that the notice of the last day is told soon, and those before it with the day."""
    return Pace.SOON if data.days == 0 else Pace.DAILY


def worsened(data: event_data.WorsenedData) -> Mapping[str, str]:
    """Return both residual risks in words."""
    return {name: value.replace("_", " ") for name, value in asdict(data).items()}


def pace_of_worse(data: event_data.WorsenedData) -> Pace:
    """Return that what is critical, or not known any more, is told at once."""
    return Pace.CRITICAL if data.residual in (Residual.CRITICAL, Residual.NOT_ASSESSED) else Pace.SOON


def asker(override: RatingOverride) -> Collection[UUID]:
    """Return who asked for an override and does not decide it."""
    return {override.requested_by_id}


BEGUN = ("review.started", "review.done", "review.skipped", "review.assigned", "review.released")
REVIEW_IS_DUE = Tell(
    "Review of {subject} {due}", (Who.ASSIGNEE,), otherwise=Who.ANALYSTS, is_action=True, settled_by=BEGUN
)

declare(
    EventType(
        "approval.granted",
        "Decision signed",
        Tell("{subject} {decision}", (Who.OWNER, Who.SUBMITTER), fill=decided, pace=soon),
        data=event_data.ApprovalData,
    ),
    EventType(
        "approval.withdrawn",
        "Approval withdrawn",
        Tell("The approval of {subject} was withdrawn", (Who.OWNER, Who.SUBMITTER, Who.MANAGERS), pace=critical),
    ),
    EventType("approval.superseded", "Decision replaced", silent="The decision tells it: approval.granted."),
    EventType(
        "approval.ending",
        "Approval ends soon",
        Tell(
            "The approval of {subject} {ends}",
            (Who.OWNER, Who.APPROVERS),
            otherwise=Who.MANAGERS,
            fill=ends,
            pace=pace_of,
        ),
        data=event_data.ApprovalEnding,
    ),
    EventType(
        "approval.expired",
        "Approval expired",
        Tell("The approval of {subject} has run out", (Who.OWNER, Who.APPROVERS, Who.MANAGERS), pace=critical),
        data=UntilData,
    ),
    EventType(
        "condition.met",
        "Condition met",
        silent="Good news that the register shows; nobody has to act.",
        data=event_data.ConditionMet,
    ),
    EventType(
        "condition.due_soon",
        "Condition due soon",
        Tell(
            "A condition of the approval of {subject} {due}",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            is_action=True,
            pace=near,
            settled_by=("condition.met", "condition.missed", "approval.withdrawn", "approval.superseded"),
        ),
        data=DayData,
    ),
    EventType(
        "condition.missed",
        "Condition missed",
        Tell("A condition of the approval of {subject} was missed: {text}", (Who.OWNER, Who.APPROVERS), pace=soon),
        data=event_data.ConditionMissed,
    ),
    EventType(
        "rating.changed",
        "Rating changed",
        silent="Its cause has an alert of its own, and rating.worsened tells of a server in use that got worse.",
        data=event_data.RatingData,
    ),
    EventType(
        "rating.worsened",
        "Approved, but got worse",
        Tell(
            "{subject} is approved, but got worse: {residual} residual risk, approved as {approved_as}",
            (Who.APPROVERS, Who.MANAGERS, Who.OWNER),
            is_action=True,
            fill=worsened,
            pace=pace_of_worse,
            settled_by=("rating.recovered",),
        ),
        data=event_data.WorsenedData,
    ),
    EventType(
        "rating.recovered",
        "No longer worse than approved",
        silent="What was told waits for nobody any more, and the inbox says so.",
        data=event_data.RecoveredData,
    ),
    EventType(
        "override.requested",
        "Override requested",
        Tell(
            "{actor} asks to set the residual risk of {subject} by hand",
            (Who.APPROVERS,),
            otherwise=Who.MANAGERS,
            is_action=True,
            barred=asker,
            settled_by=("override.granted", "override.refused"),
        ),
        data=event_data.OverrideData,
    ),
    EventType(
        "override.granted",
        "Override granted",
        Tell("The residual risk of {subject} is set by hand", ASKED_AND_OWNER, pace=soon),
    ),
    EventType(
        "override.refused",
        "Override refused",
        Tell("The residual risk of {subject} stays as computed", ASKED_AND_OWNER, pace=soon),
    ),
    EventType(
        "override.revoked",
        "Override revoked",
        Tell("The residual risk of {subject} is the computed one again", ASKED_AND_OWNER, pace=soon),
    ),
    EventType(
        "override.ending",
        "Override ends soon",
        Tell(
            "The residual risk set by hand for {subject} {ends}",
            ASKED_AND_OWNER,
            due_on="expires_on",
            fill=days.ends,
            pace=near,
        ),
        data=DayData,
    ),
    EventType(
        "override.expired",
        "Override expired",
        Tell("The residual risk set by hand for {subject} has run out", ASKED_AND_OWNER, pace=soon),
        data=UntilData,
    ),
    EventType(
        "review.scheduled",
        "Review scheduled",
        silent="The opening, 30 days before the day, tells it.",
        data=event_data.ReviewScheduled,
    ),
    EventType("review.opened", "Review opened", REVIEW_IS_DUE, data=event_data.ReviewAssigned),
    EventType(
        "review.assigned",
        "Review assigned",
        Tell("Review of {subject} is yours and {due}", (Who.ASSIGNEE,), is_action=True, settled_by=BEGUN),
        data=event_data.ReviewAssigned,
    ),
    EventType(
        "review.released",
        "Review released",
        nobody_left("Review of {subject} has nobody to do it and {due}", settled_by=BEGUN),
        data=event_data.ReviewAssigned,
    ),
    EventType("review.reminded", "Review reminded", REVIEW_IS_DUE, data=event_data.ReviewReminded),
    EventType(
        "review.overdue",
        "Review overdue",
        Tell(
            "Review of {subject} {due}",
            (Who.ASSIGNEE, Who.MANAGERS),
            otherwise=Who.ANALYSTS,
            is_action=True,
            settled_by=BEGUN,
        ),
        data=event_data.ReviewReminded,
    ),
    EventType("review.started", "Review started", silent="The assessment tells it.", data=event_data.ReviewAssessed),
    EventType("review.done", "Review done", silent="The assessment tells it.", data=event_data.ReviewAssessed),
    EventType(
        "review.skipped",
        "Review skipped",
        Tell("Review of {subject} is skipped", (Who.ASSIGNEE, Who.OWNER), by_mail=never),
        data=event_data.ReviewData,
    ),
)
