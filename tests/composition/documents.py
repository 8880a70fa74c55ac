"""Small inventories, as the tools write them."""

import json
from typing import Any

from composition.documents import reading
from composition.listing import Listed, Listing

SERVER = {"type": "application", "bom-ref": "server", "name": "crm-server", "version": "2.0.0"}
# The lock file of a server that needs express, which needs qs.
LOCK = {
    "name": "@example/weather", "version": "1.0.0", "lockfileVersion": 3,
    "packages": {
        "": {"name": "@example/weather", "version": "1.0.0", "dependencies": {"express": "^4"}},
        "node_modules/express": {"version": "4.18.2", "dependencies": {"qs": "6.11.0"}, "license": "MIT"},
        "node_modules/qs": {"version": "6.11.0", "license": "BSD-3-Clause"},
    },
}  # fmt: skip


def cyclonedx(*components: dict[str, Any], version: str = "1.6", **more: Any) -> dict[str, Any]:
    """Return a CycloneDX document with these components."""
    whole = [{"type": "library", "name": "left-pad"} | one for one in components]
    return {"bomFormat": "CycloneDX", "specVersion": version, "version": 1, "components": whole} | more


def spdx(*packages: dict[str, Any], version: str = "2.3", **more: Any) -> dict[str, Any]:
    """Return an SPDX 2 document with these packages."""
    return {
        "spdxVersion": f"SPDX-{version}",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "crm-server",
        "documentNamespace": "https://example.org/spdx/crm-server",
        "creationInfo": {"created": "2026-03-01T09:30:00Z", "creators": ["Tool: written-by-hand"]},
        "packages": [{"downloadLocation": "NOASSERTION"} | one for one in packages],
    } | more


def read(document: dict[str, Any], *, name: str = "bom.json") -> Listing:
    """Return what a document lists."""
    return reading.read(name, json.dumps(document).encode())


def the_only(listing: Listing) -> Listed:
    """Return the component of an inventory of one."""
    [one] = listing.components
    return one
