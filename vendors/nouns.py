"""The cards of whom and what we depend on."""

from django.db.models import Q

from accounts.access import Capability
from riskregister import nouns
from riskregister.nouns import FieldHistory, Noun, Page, Place
from vendors.models import (
    Contact,
    Deployment,
    Package,
    Release,
    Remote,
    Server,
    ServerSupplier,
    ServerTag,
    SubProcessor,
    Vendor,
    VendorKind,
)
from vendors.models.deployment import FACTS

EXPOSURE = (*FACTS, "inherent_tier", "tier_reason", "tier_at_best")

nouns.register(
    Noun(
        Server,
        prefix="S",
        verbs=("server",),
        subject="self",
        moving=("status", "pinned_release", "is_in_use", *EXPOSURE),
        related=("unit",),
        words=("title", "name"),
        hint="name",
        pages=(Page("server-detail"),),
        places={"owner": ("owner",), "deployers": ("deployers",)},
        tier="inherent_tier",
        vendors=lambda server: server.suppliers.values_list("vendor_id", flat=True),
        tags=lambda server: server.tags.values_list("word", flat=True),
        held_by={
            "owner": Place(Capability.READ, still=~Q(status=Server.Status.RETIRED), given="server.handed_over"),
        },
        demo=("is_demo",),
        field_history=FieldHistory(leaves_out=("name_look", "title_look", "suspended_at", "suspension_reason")),
    ),
    Noun(ServerSupplier, word="supplier", unit="server.unit_id", subject="server", of="server", moving=()),
    Noun(ServerTag, word="tag", unit="server.unit_id", subject="server", of="server", moving=()),
    Noun(
        Release,
        verbs=("release", "tools"),
        unit="server.unit_id",
        subject="server",
        of="server",
        holds=("server",),
        moving=("manifest_digest",),
        related=("server",),
        pages=(Page("server-detail", key="server_id"),),
        places={"owner": ("server.owner",)},
        opens=("server",),
    ),
    Noun(Package, unit="release.server.unit_id", subject="release.server", of="release", moving=()),
    Noun(Remote, unit="release.server.unit_id", subject="release.server", of="release", moving=()),
    Noun(
        Deployment,
        prefix="D",
        verbs=("deployment",),
        unit="server.unit_id",
        subject="server",
        of="server",
        holds=("server",),
        moving=("governance_tier", "governance_revision", "in_use_since", "ended_on", *EXPOSURE),
        related=("server",),
        pages=(Page("server-detail", key="server_id"),),
        places={"owner": ("owner",)},
        opens=("server",),
        held_by={"owner": Place(Capability.READ, still=Q(ended_on=None), given="deployment.handed_over")},
    ),
    Noun(
        Vendor,
        prefix="V",
        verbs=("vendor",),
        unit=None,
        subject="self",
        words=("name", "legal_entity"),
        hint="status",
        pages=(Page("vendor-detail"),),
        places={"owner": ("relationship_owner",)},
        vendors=lambda vendor: (vendor.pk,),
        held_by={
            "relationship_owner": Place(
                Capability.READ, still=~Q(status=Vendor.Status.OFFBOARDED), given="vendor.handed_over"
            ),
        },
        demo=("is_demo",),
        field_history=FieldHistory(leaves_out=("look",)),
    ),
    Noun(VendorKind, unit=None, subject="vendor", of="vendor", moving=()),
    Noun(Contact, unit=None, subject="vendor", of="vendor", moving=()),
    Noun(SubProcessor, word="sub-processor", unit=None, subject="vendor", of="vendor", moving=()),
)
