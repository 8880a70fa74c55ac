"""What was passed on stays as it was handed out, and what was learnt as it was noted: guarded by triggers."""

from intelligence.models import Share, WatchEntry
from riskregister.guards import AppendOnly, Lifecycle, declare

_DEMO = "EXISTS (SELECT 1 FROM accounts_unit u WHERE u.id = OLD.unit_id AND u.is_demo)"
_DEMO_SUBJECT = (
    "EXISTS (SELECT 1 FROM vendors_server s WHERE s.id = OLD.server_id AND s.is_demo)"
    " OR EXISTS (SELECT 1 FROM vendors_vendor v WHERE v.id = OLD.vendor_id AND v.is_demo)"
)
declare(
    AppendOnly(Share, unless=_DEMO, is_bound=True),
    Lifecycle(
        WatchEntry,
        "a_watch_entry_keeps_what_was_learnt",
        told=("settled_by", "settled_at", "outcome"),
        frozen="OLD.status = NEW.status",
        unless=_DEMO_SUBJECT,
    ),
)
