"""What was accepted because of a statement stays as it was accepted until it ends: guarded by triggers."""

from composition.models import Suppression
from riskregister.guards import Lifecycle, declare

_DEMO_HIT = (
    "EXISTS (SELECT 1 FROM composition_hit h JOIN vendors_server s ON s.id = h.server_id"
    " WHERE h.id = OLD.hit_id AND s.is_demo)"
)
declare(
    Lifecycle(
        Suppression,
        "a_suppression_does_not_change",
        told=(
            *("severity", "versions", "was_exploited", "was_likely", "epss_model"),
            *("until", "reason", "decided_by", "decided_at", "ended_at", "end_reason"),
        ),
        # It is accepted, ended and accepted anew; in between nothing of it moves.
        frozen="OLD.status = NEW.status",
        unless=_DEMO_HIT,
    ),
)
