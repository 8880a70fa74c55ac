"""Statements stay as they were made, and what was accepted because of one until that ends: guarded by triggers."""

from composition.models import Hit, Statement, Suppression
from riskregister.guards import Lifecycle, declare, keeps
from vendors.guards import DEMO_SERVER

_DEMO_HIT = (
    "EXISTS (SELECT 1 FROM composition_hit h JOIN vendors_server s ON s.id = h.server_id"
    " WHERE h.id = OLD.hit_id AND s.is_demo)"
)
_OF_DEMO_UNIT = (
    "OLD.server_id IS NULL AND EXISTS (SELECT 1 FROM accounts_unit u WHERE u.id = OLD.unit_id AND u.is_demo)"
)
declare(
    keeps("a_hit_stays_with_its_server", Hit, "server"),
    Lifecycle(
        Statement,
        "a_statement_keeps_what_it_says",
        told=("owner",),
        once=("ended_at", "end_reason"),
        unless=f"{DEMO_SERVER} OR {_OF_DEMO_UNIT}",
        # A document makes thousands.
        in_short=True,
    ),
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
