"""Escalations stay, and change only as they climb: guarded by triggers."""

from escalations.models import Escalation
from riskregister.guards import Lifecycle, declare

declare(
    Lifecycle(
        Escalation,
        "an_escalation_keeps_what_it_is",
        told=("rung", "climbed_at"),
        once=("acknowledged_by", "acknowledged_at", "note", "over_at"),
        unless="OLD.is_demo",
    ),
)
