"""Acceptances of a lower governance tier stay, and change only as their lifecycle says: guarded by triggers."""

from controls.models import TierAcceptance
from riskregister.guards import Lifecycle, declare
from vendors.guards import DEMO_SERVER

declare(
    Lifecycle(
        TierAcceptance,
        "a_tier_acceptance_does_not_change",
        once=("decided_by", "decided_at", "decision_note", "revoked_by", "revoked_at"),
        unless=DEMO_SERVER,
    ),
)
