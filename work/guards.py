"""What the levels of servers follow from: a change of it marks its server, so that they are worked out anew.

How servers stood on a day stays as it was written then.
"""

from accounts.models import PartMark
from composition.models import Comparison, Inventory
from findings.models import Finding
from monitoring.models import Observation, Run
from riskregister.guards import AppendOnly, Counted, declare
from vendors.models import Release, Server
from work.models import HealthDay, LevelMark, ServerLevels

_OF_SERVER = ("{row}.server_id",)
_LEVELS = "levels"

_DEMO_UNIT = "EXISTS (SELECT 1 FROM accounts_unit u WHERE u.id = OLD.unit_id AND u.is_demo)"

declare(
    AppendOnly(HealthDay, unless=_DEMO_UNIT),
    Counted(Server, LevelMark, ("status", "inherent_tier", "pinned_release"), ("{row}.id",), name=_LEVELS),
    Counted(Release, LevelMark, ("server", "manifest_digest"), _OF_SERVER, name=_LEVELS),
    Counted(Inventory, LevelMark, ("server", "release", "status"), _OF_SERVER, name=_LEVELS),
    Counted(
        Comparison,
        LevelMark,
        ("is_due", "due_since", "release", "compared_at", "components", "unknown", "affected", "ecosystems"),
        _OF_SERVER,
        name=_LEVELS,
    ),
    Counted(Run, LevelMark, ("status", "ended_at"), _OF_SERVER, name=_LEVELS),
    Counted(Observation, LevelMark, ("is_seen", "severity", "is_assessed", "finding"), _OF_SERVER, name=_LEVELS),
    Counted(Finding, LevelMark, ("status", "severity"), _OF_SERVER, name=_LEVELS),
    # The other way round: how servers stand is in the figures that are kept of their unit.
    Counted(
        ServerLevels,
        PartMark,
        ("package", "ecosystem", "inspection", "exploited", "malicious"),
        ("(SELECT s.unit_id FROM vendors_server s WHERE s.id = {row}.server_id)",),
    ),
)
