"""What looks saw never changes: guarded by triggers, and its digest is in the events of the looks."""

from monitoring.models import Sighting
from riskregister.guards import AppendOnly, declare

DEMO_SERVER = "EXISTS (SELECT 1 FROM vendors_server s WHERE s.id = OLD.server_id AND s.is_demo)"

declare(AppendOnly(Sighting, unless=DEMO_SERVER))
