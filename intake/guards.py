"""What was asked for and what was answered stays: guarded by triggers on SQLite and PostgreSQL alike."""

from intake.models import ServerRequest
from riskregister.guards import Lifecycle, declare

_DEMO = (
    "EXISTS (SELECT 1 FROM accounts_unit u WHERE u.id = OLD.unit_id AND u.is_demo)"
    " OR EXISTS (SELECT 1 FROM accounts_user p WHERE p.id = OLD.asked_by_id AND p.is_demo)"
)
declare(
    Lifecycle(
        ServerRequest,
        "a_request_keeps_what_was_answered",
        told=("server",),
        once=("taken_by", "taken_at", "decided_by", "decided_at", "reason"),
        frozen="OLD.status NOT IN ('asked', 'in_review')",
        unless=_DEMO,
    ),
)
