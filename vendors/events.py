"""What happens to vendors, servers, their releases and deployments."""

from collections.abc import Mapping
from dataclasses import dataclass

from audit.events import ENTERED, EventType, Tell, Who, critical, declare, soon

OURS = "Whoever does it works with the vendor; nothing about its servers changes by it."
DECIDED = "The decision tells it: approval.granted."


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of vendor that it is."""

    kinds: list[str]


@dataclass(frozen=True, slots=True)
class Fields:
    """The names of the fields that changed."""

    fields: list[str]


@dataclass(frozen=True, slots=True)
class ServerEdited:
    """The names of the fields that changed, and of the tags those that it got and those that it lost."""

    fields: list[str]
    tags_added: list[str]
    tags_removed: list[str]


@dataclass(frozen=True, slots=True)
class ContactData:
    """The contact's name."""

    contact: str


@dataclass(frozen=True, slots=True)
class SubProcessorData:
    """The vendor whose services it uses."""

    used: str


@dataclass(frozen=True, slots=True)
class SubProcessorAdded:
    """The vendor whose services it uses, and what for."""

    used: str
    purpose: str


@dataclass(frozen=True, slots=True)
class ServerRegistered:
    """The server's name in the MCP registry, its publisher if one was named, and its inherent tier."""

    name: str
    publisher: str | None
    tier: int


@dataclass(frozen=True, slots=True)
class ToolsChanged:
    """The approval, the release whose tools differ from it, their digest, and whether the server waits, suspended."""

    approval: str
    release: str
    manifest_digest: str
    suspended: bool


@dataclass(frozen=True, slots=True)
class SuspendedData:
    """How agents go on without it, in a sentence; empty where nothing is recorded."""

    instead: str = ""


def how_to_go_on(data: SuspendedData) -> Mapping[str, str]:
    """Return what follows the title of the alert, in words."""
    return {"instead": f". {data.instead}" if data.instead else ""}


def to_decide(data: ToolsChanged) -> Mapping[str, str]:
    """Return what is to be decided, in words."""
    return {"decide": "it is suspended until you decide" if data.suspended else "decide whether it may go on"}


@dataclass(frozen=True, slots=True)
class ExposureData:
    """The facts that changed, and the inherent tier that follows from them."""

    fields: list[str]
    tier: int


@dataclass(frozen=True, slots=True)
class SupplierData:
    """The vendor, and the role in which it stands behind the server."""

    vendor: str
    role: str


@dataclass(frozen=True, slots=True)
class PinnedData:
    """The release that is pinned, with its id and the digest of its manifest."""

    release: str
    release_id: str
    manifest_digest: str


@dataclass(frozen=True, slots=True)
class ReleaseData:
    """The release's version and revision, and the digest of its server.json (empty: recorded by hand)."""

    version: str
    revision: int
    server_json_digest: str


@dataclass(frozen=True, slots=True)
class PackageDigest:
    """The package, and the digest that its registry gives."""

    package: str
    integrity: str


@dataclass(frozen=True, slots=True)
class RegistryMessageData:
    """What the registry says beside the status, which stays."""

    message: str


@dataclass(frozen=True, slots=True)
class RegistryStatusData:
    """The release, what its registry says now and said before, and its message."""

    release: str
    status: str
    was: str
    message: str


@dataclass(frozen=True, slots=True)
class CaptureData:
    """How many tools were captured, the digest of the manifest, and when they were captured."""

    tools: int
    manifest_digest: str
    captured_at: str


@dataclass(frozen=True, slots=True)
class DeploymentAdded:
    """The inherent tiers of the deployment and of its server."""

    tier: int
    server_tier: int


@dataclass(frozen=True, slots=True)
class DeploymentEdited:
    """The fields that changed, and the inherent tiers of the deployment and of its server."""

    fields: list[str]
    tier: int
    server_tier: int


@dataclass(frozen=True, slots=True)
class DeploymentEnded:
    """Its last day, and the inherent tiers of the deployment and of its server."""

    on: str
    tier: int
    server_tier: int


@dataclass(frozen=True, slots=True)
class OwnerData:
    """The id of the new owner."""

    owner: str


@dataclass(frozen=True, slots=True)
class VendorOwnerData:
    """The id of who looks after the vendor now."""

    relationship_owner: str


YOURS = Tell("{subject} is yours now", (Who.OWNER,), pace=soon)

declare(
    EventType("vendor.registered", "Vendor registered", silent=ENTERED, data=Kinds),
    EventType("vendor.edited", "Vendor edited", silent=ENTERED, data=Fields),
    EventType("vendor.contact_added", "Vendor contact added", silent=ENTERED, data=ContactData),
    EventType("vendor.contact_removed", "Vendor contact removed", silent=ENTERED, data=ContactData),
    EventType("vendor.sub_processor_added", "Vendor sub-processor added", silent=ENTERED, data=SubProcessorAdded),
    EventType("vendor.sub_processor_removed", "Vendor sub-processor removed", silent=ENTERED, data=SubProcessorData),
    EventType("vendor.activated", "Vendor activated", silent=OURS),
    EventType("vendor.offboarding", "Vendor offboarding", Tell("{subject} is being offboarded", (Who.OWNER,))),
    EventType("vendor.offboarded", "Vendor offboarded", silent=OURS),
    EventType("vendor.prospected", "Vendor prospected", silent=OURS),
    EventType("vendor.handed_over", "Vendor handed over", YOURS, data=VendorOwnerData),
    EventType("server.registered", "Server registered", silent=ENTERED, data=ServerRegistered),
    EventType("server.edited", "Server edited", silent=ENTERED, data=ServerEdited),
    EventType("server.exposure_changed", "Exposure facts changed", silent=ENTERED, data=ExposureData),
    EventType("server.supplier_added", "Server supplier added", silent=ENTERED, data=SupplierData),
    EventType("server.supplier_removed", "Server supplier removed", silent=ENTERED, data=SupplierData),
    EventType("server.requested", "Server requested again", silent=DECIDED),
    EventType("server.review_started", "Review of the server started", silent=DECIDED),
    EventType("server.approved", "Server approved", silent=DECIDED, data=PinnedData),
    EventType("server.rejected", "Server rejected", silent=DECIDED),
    EventType(
        "server.tools_changed",
        "Tools changed after the approval",
        Tell(
            "The tools of {subject} changed after the approval: {decide}",
            (Who.APPROVERS,),
            otherwise=Who.MANAGERS,
            is_action=True,
            fill=to_decide,
            pace=critical,
            settled_by=("server.approved", "server.resumed", "server.rejected", "server.retired"),
        ),
        data=ToolsChanged,
    ),
    EventType(
        "server.suspended",
        "Server suspended",
        Tell(
            "{subject} is suspended: agents must not use it{instead}",
            (Who.OWNER, Who.DEPLOYERS, Who.MANAGERS, Who.APPROVERS),
            fill=how_to_go_on,
            pace=critical,
        ),
        data=SuspendedData,
    ),
    EventType(
        "server.suspended_elsewhere",
        "Suspended in another unit",
        Tell(
            "{subject} was suspended in another unit: decide whether agents of yours go on",
            (Who.MANAGERS, Who.APPROVERS),
            is_action=True,
            pace=critical,
            settled_by=("server.suspended", "server.rejected", "server.retired", "server.approved"),
        ),
    ),
    EventType(
        "server.resumed", "Server resumed", Tell("{subject} may be used again", (Who.OWNER, Who.MANAGERS), pace=soon)
    ),
    EventType("server.retired", "Server retired", Tell("{subject} is retired", (Who.OWNER,))),
    EventType("server.handed_over", "Server handed over", YOURS, data=OwnerData),
    EventType("release.recorded", "Release recorded", silent=ENTERED, data=ReleaseData),
    EventType("release.package_digest_recorded", "Release package digest recorded", silent=ENTERED, data=PackageDigest),
    EventType(
        "release.registry_status_changed",
        "Word of the registry on the release changed",
        Tell("{subject}: its registry says {status}", (Who.OWNER, Who.MANAGERS), pace=soon),
        data=RegistryStatusData,
    ),
    EventType(
        "release.registry_message_changed",
        "Message of the registry on the release changed",
        silent=ENTERED,
        data=RegistryMessageData,
    ),
    EventType("tools.captured", "Tools captured", silent=ENTERED, data=CaptureData),
    EventType("deployment.added", "Deployment added", silent=ENTERED, data=DeploymentAdded),
    EventType("deployment.edited", "Deployment edited", silent=ENTERED, data=DeploymentEdited),
    EventType("deployment.ended", "Deployment ended", silent=ENTERED, data=DeploymentEnded),
    EventType(
        "deployment.handed_over",
        "Deployment handed over",
        Tell("{label} of {subject} is yours now", (Who.OWNER,), pace=soon),
        data=OwnerData,
    ),
)
