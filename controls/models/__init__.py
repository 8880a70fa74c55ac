"""What the room keeps: what people state of controls, what sources say of them, and the way to a governance tier."""

from controls.models.sourced import Source, SourcedStatuses
from controls.models.status import ControlStatus, Place, Word
from controls.models.tier_acceptance import TierAcceptance
from controls.models.tier_plan import TierMilestone, TierPlan

__all__ = [
    "ControlStatus", "Place", "Source", "SourcedStatuses", "TierAcceptance", "TierMilestone", "TierPlan", "Word",
]  # fmt: skip
