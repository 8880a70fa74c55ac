"""What was passed on stays as it was handed out: guarded by triggers on SQLite and PostgreSQL alike."""

from intelligence.models import Share
from riskregister.guards import AppendOnly, declare

_DEMO = "EXISTS (SELECT 1 FROM accounts_unit u WHERE u.id = OLD.unit_id AND u.is_demo)"
declare(AppendOnly(Share, unless=_DEMO, is_bound=True))
