"""What the levels of servers follow from: a change of it marks its server, so that they are worked out anew."""

from composition.models import Comparison, Inventory
from findings.models import Finding
from monitoring.models import Observation, Run
from riskregister.guards import Counted, declare
from vendors.models import Release, Server
from work.models import LevelMark

_OF_SERVER = ("{row}.server_id",)
_LEVELS = "levels"

declare(
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
)
