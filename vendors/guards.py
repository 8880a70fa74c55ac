"""What a release is, and what was captured of it, never changes, and deployments stay: guarded by triggers, and told by
events.
"""

from accounts.models import PartMark
from riskregister.guards import AppendOnly, Counted, Lifecycle, declare, never_demo
from vendors.documents.registry_listing import FIELDS
from vendors.models import (
    Deployment,
    Easing,
    GivenAway,
    Offering,
    Package,
    Release,
    Remote,
    Server,
    ServerSupplier,
    Tool,
    Vendor,
)
from vendors.registering.deployments import DEPLOYMENT_FIELDS

DEMO_SERVER = "EXISTS (SELECT 1 FROM vendors_server s WHERE s.id = OLD.server_id AND s.is_demo)"
_DEMO_RELEASE = (
    "EXISTS (SELECT 1 FROM vendors_release r JOIN vendors_server s ON s.id = r.server_id"
    " WHERE r.id = OLD.release_id AND s.is_demo)"
)
declare(
    never_demo("a_vendor_does_not_become_demo", Vendor),
    never_demo("a_server_does_not_become_demo", Server),
    Lifecycle(
        Release,
        "a_release_stays_what_it_is",
        told=(*FIELDS, "dropped"),
        once=(
            *("manifest_digest", "instructions", "protocol_version", "reported_name", "reported_version"),
            *("server_info", "capabilities", "captured_at", "capture_command"),
        ),
        unless=DEMO_SERVER,
    ),
    Lifecycle(Package, "a_package_stays_what_it_is", once=("integrity",), unless=_DEMO_RELEASE),
    Lifecycle(
        Deployment,
        "a_deployment_stays_with_its_server",
        told=(*DEPLOYMENT_FIELDS, "inherent_tier", "tier_reason", "tier_at_best"),
        once=("ended_on",),
        frozen="OLD.ended_on IS NOT NULL",
        unless=DEMO_SERVER,
    ),
    AppendOnly(Easing, unless=DEMO_SERVER),
    AppendOnly(GivenAway, unless=DEMO_SERVER),
    AppendOnly(Remote, unless=_DEMO_RELEASE, in_short=True),
    AppendOnly(Tool, unless=_DEMO_RELEASE, in_short=True),
    AppendOnly(Offering, unless=_DEMO_RELEASE, in_short=True),
    # Which vendors stand behind a unit follows from its servers.
    Counted(Server, PartMark, ("unit", "status", "inherent_tier", "is_in_use"), ("{row}.unit_id", "NULL")),
    Counted(ServerSupplier, PartMark, ("server", "vendor"), ("NULL",)),
)
