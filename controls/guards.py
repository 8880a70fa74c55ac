"""Statuses of controls and acceptances of a lower governance tier stay, and change as their steps say: guarded by
triggers.
"""

from controls.models import ControlStatus, TierAcceptance
from controls.statuses import FACTS
from riskregister.guards import Lifecycle, declare
from vendors.guards import DEMO_SERVER

_DEMO_SERVICE = (
    "EXISTS (SELECT 1 FROM landscape_sharedservice s JOIN accounts_unit u ON u.id = s.unit_id"
    " WHERE s.id = OLD.service_id AND u.is_demo)"
)
declare(
    Lifecycle(
        ControlStatus,
        "a_control_status_stays_in_its_place",
        # The control, as another revision of its framework has it.
        told=(*FACTS, "control", "stated_by", "stated_at"),
        unless=f"{DEMO_SERVER} OR {_DEMO_SERVICE}",
    ),
    Lifecycle(
        TierAcceptance,
        "a_tier_acceptance_does_not_change",
        once=("decided_by", "decided_at", "decision_note", "revoked_by", "revoked_at"),
        unless=DEMO_SERVER,
    ),
)
