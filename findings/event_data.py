"""What events of findings say: data that subscribers, alerts and paper read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenedData:
    """How severe it is in one word, and what the answer lacks: "control" or "information", None where no answer is."""

    severity: str
    gap: str | None = None


@dataclass(frozen=True, slots=True)
class ObservedData:
    """The number of the assessment, where it was one that observed it."""

    assessment: str | None = None


@dataclass(frozen=True, slots=True)
class OwnerData:
    """The id of the new owner, and the day by which it is due (None while it is only proposed)."""

    owner: str
    due_on: str | None


@dataclass(frozen=True, slots=True)
class ReleasedData:
    """Nobody owns it; the day by which it is due."""

    owner: None
    due_on: str | None


@dataclass(frozen=True, slots=True)
class SeverityData:
    """The severity before and now, in one word."""

    was: str
    severity: str


@dataclass(frozen=True, slots=True)
class DueDateData:
    """The due date before and now."""

    was: str | None
    due_on: str


@dataclass(frozen=True, slots=True)
class PlanData:
    """The day by which it will be fixed."""

    target_on: str


@dataclass(frozen=True, slots=True)
class MilestoneData:
    """The milestone's title."""

    milestone: str


@dataclass(frozen=True, slots=True)
class ClaimData:
    """The id of the claim."""

    claim: str


@dataclass(frozen=True, slots=True)
class PassedData:
    """Over how many frozen answers the verified one was laid."""

    overlays: int


@dataclass(frozen=True, slots=True)
class AskedData:
    """The number of the request, and the last day that it asks for."""

    acceptance: str
    until: str


@dataclass(frozen=True, slots=True)
class AcceptedData:
    """The number of the acceptance."""

    acceptance: str
