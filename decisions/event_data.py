"""What events of decisions say: data that subscribers, alerts and paper read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApprovalData:
    """The decision, what it is bound to, and its last day (None: a rejection, which has none)."""

    decision: str
    release: str
    manifest_digest: str
    valid_until: str | None


@dataclass(frozen=True, slots=True)
class ApprovalEnding:
    """Its last day, which notice it is ("30", "7" or "0" days before), and how many days are left."""

    until: str
    step: str
    days: int


@dataclass(frozen=True, slots=True)
class ConditionMet:
    """What had to be done."""

    text: str


@dataclass(frozen=True, slots=True)
class ConditionMissed:
    """What was not done in time, and the number of the finding that it became."""

    text: str
    finding: str


@dataclass(frozen=True, slots=True)
class RatingData:
    """The residual risk before and now, and the assurance score in percent (None: not assessed)."""

    was: str
    residual: str
    score: str | None


@dataclass(frozen=True, slots=True)
class WorsenedData:
    """The residual risk with which it was approved, and the one it has now."""

    approved_as: str
    residual: str


@dataclass(frozen=True, slots=True)
class RecoveredData:
    """The residual risk that it has now."""

    residual: str


@dataclass(frozen=True, slots=True)
class OverrideData:
    """The residual risk that is asked for."""

    residual: str


@dataclass(frozen=True, slots=True)
class ReviewData:
    """The day by which it is due."""

    due_on: str


@dataclass(frozen=True, slots=True)
class ReviewScheduled:
    """The day by which it is due, and why it is (None: it is only earlier now)."""

    due_on: str
    trigger: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewAssigned:
    """The day by which it is due, and the id of who does it (None: nobody)."""

    due_on: str
    assignee: str | None


@dataclass(frozen=True, slots=True)
class ReviewReminded:
    """The day by which it is due, and which reminder it is: "14", "7", "0" days before, or "overdue"."""

    due_on: str
    step: str


@dataclass(frozen=True, slots=True)
class ReviewAssessed:
    """The day by which it is due, and the number of the assessment for it."""

    due_on: str
    assessment: str
