"""The models of the room, one module a noun."""

from vendors.models.deployment import Deployment, ExposureFacts, Fact
from vendors.models.release import Offering, Package, Release, Remote, Tool
from vendors.models.server import Easing, GivenAway, Server, ServerSupplier, ServerTag
from vendors.models.vendor import Contact, Criticality, Kind, SubProcessor, Vendor, VendorKind

__all__ = [
    "Contact",
    "Criticality",
    "Deployment",
    "Easing",
    "ExposureFacts",
    "Fact",
    "GivenAway",
    "Kind",
    "Offering",
    "Package",
    "Release",
    "Remote",
    "Server",
    "ServerSupplier",
    "ServerTag",
    "SubProcessor",
    "Tool",
    "Vendor",
    "VendorKind",
]
