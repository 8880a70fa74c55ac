"""Policies change only as their steps say, and tests of whether clients obey never: guarded by triggers."""

from containment.models import EnforcementTest, Policy
from riskregister.guards import AppendOnly, Lifecycle, declare

_DEMO_UNIT = "EXISTS (SELECT 1 FROM accounts_unit u WHERE u.id = OLD.unit_id AND u.is_demo)"
declare(
    Lifecycle(
        Policy,
        "a_policy_moves_by_its_steps",
        told=("reason", "moved_by", "moved_at"),
        frozen="OLD.status = NEW.status",
        unless=_DEMO_UNIT,
    ),
    AppendOnly(EnforcementTest, unless=_DEMO_UNIT, is_bound=True),
)
