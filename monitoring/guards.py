"""What looks saw never changes, nor what collectors brought until it is taken in: guarded by triggers."""

from monitoring.models import Brought, Claim, Sighting
from riskregister.guards import AppendOnly, declare

DEMO_SERVER = "EXISTS (SELECT 1 FROM vendors_server s WHERE s.id = OLD.server_id AND s.is_demo)"
_RUNS = "monitoring_run r JOIN vendors_server s ON s.id = r.server_id"
_OVER = "(r.status NOT IN ('queued', 'running') OR s.is_demo)"
_CLAIM_OVER = f"EXISTS (SELECT 1 FROM {_RUNS} WHERE r.id = OLD.task_id AND {_OVER})"  # noqa: S608 - of our words
_OF_CLAIM = "(SELECT c.task_id FROM monitoring_claim c WHERE c.id = OLD.claim_id)"
_BROUGHT_OVER = f"EXISTS (SELECT 1 FROM {_RUNS} WHERE r.id = {_OF_CLAIM} AND {_OVER})"  # noqa: S608 - of our words
declare(
    AppendOnly(Sighting, unless=DEMO_SERVER),
    AppendOnly(Claim, unless=_CLAIM_OVER),
    AppendOnly(Brought, unless=_BROUGHT_OVER),
)
