"""What is exported keeps to its published form, and reads back as the inventory that it was."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from composition.documents import made, reading, spdx2, spdx3, writing
from composition.listing import Listed, Listing
from composition.locks import is_lock_file
from tests.composition.shared import ROOT
from tests.tables import for_each
from vendors.naming.integrity import Digest

MADE = made.Made(
    at=datetime(2026, 3, 1, 9, 30, 5, 123456, tzinfo=UTC), tool="register", tool_version="0.1.0", number=UUID(int=7)
)
SERVER = Listed(ref="server", name="crm-server", version="2.0.0", kind="application")
SHA_256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
LEFT_PAD = Listed(
    ref="left-pad", name="left-pad", version="1.3.0", purl="pkg:npm/left-pad@1.3.0", ecosystem="npm",
    licences=("MIT", "House licence"), concluded_licences=("MIT OR WTFPL",),
    digests=frozenset({Digest("sha256", SHA_256)}),
)  # fmt: skip
# As awkward as readers make them.
PARTS = (
    LEFT_PAD,
    Listed(ref="SPDXRef-DOCUMENT", name="org.slf4j:slf4j-api", version="1.7.36", ecosystem="Maven",
           purl="pkg:maven/org.slf4j/slf4j-api@1.7.36", licences=("NONE",)),
    Listed(ref="SPDXRef-1", name="golang.org/x/text", version="0.3.0", ecosystem="Go",
           purl="pkg:golang/golang.org/x/text@v0.3.0", licences=("LicenseRef-1", "MIT OR Apache-2.0"),
           is_development=True),
    Listed(ref="a b\u202e/ü", name="a b\u202e/ü; rm", licences=("MIT AND something", "House licence")),
    Listed(ref="file", name="a.js", kind="file", is_development=True),
    Listed(ref="os", name="debian", version="12", kind="operating-system",
           licences=("GPL-2.0-only WITH Classpath-exception-2.0",)),
    Listed(ref="glibc", name="glibc", version="2.36-9", ecosystem="Debian:12",
           purl="pkg:deb/debian/libc6@2.36-9?distro=debian-12&upstream=glibc"),
)  # fmt: skip
LISTING = Listing(
    form="by hand", subject="crm-server 2.0.0", components=PARTS, roots=("left-pad", "SPDXRef-1"),
    requires={"left-pad": ("SPDXRef-DOCUMENT", "a b\u202e/ü"), "SPDXRef-DOCUMENT": ("left-pad",)},
)  # fmt: skip

# What SPDX tells kinds of components by; CycloneDX has a word for each.
KINDS = {"spdx": spdx2.KINDS, "spdx3": spdx3.KINDS}


def read_back(listing: Listing, *, form: str, subject: Listed = SERVER) -> Listing:
    file_name, write = writing.FORMS[form]
    return reading.read(file_name, json.dumps(write(listing, subject=subject, made=MADE)).encode())


def compared(listing: Listing, *, form: str) -> tuple[object, ...]:
    """Return what of an inventory a form can say: references by their place.

    SPDX 2.3 has eight of the kinds and 3.0 twelve, and both say of roots at most that there may be others.
    """
    place = {one.ref: index for index, one in enumerate(listing.components)}
    kinds = set(KINDS[form].values()) if form in KINDS else {one.kind for one in listing.components}
    others_may_be = False if listing.roots and listing.has_all_roots is False else None
    says_all = form == "cyclonedx"
    return (
        [replace(one, ref="", kind=one.kind if one.kind in kinds else "library") for one in listing.components],
        {place[one] for one in listing.roots},
        listing.has_all_roots if says_all else others_may_be,
        {place[ref]: {place[one] for one in needed} for ref, needed in listing.requires.items() if needed},
    )


@for_each("form", list(writing.FORMS))
@for_each("has_all_roots", [True, False, None])
def test_what_is_known_of_roots_reads_back(form: str, has_all_roots: bool | None) -> None:
    listing = replace(LISTING, roots=("left-pad", "file"), has_all_roots=has_all_roots, requires={"file": ("os",)})
    assert compared(read_back(listing, form=form), form=form) == compared(listing, form=form)


@for_each("form", list(writing.FORMS))
def test_an_inventory_reads_back_as_it_was(form: str) -> None:
    back = read_back(LISTING, form=form)
    assert compared(back, form=form) == compared(LISTING, form=form)
    assert back.itself is not None
    assert (back.subject, replace(back.itself, ref="server"), back.remarks) == ("crm-server 2.0.0", SERVER, ())


def test_cyclonedx_keeps_the_references() -> None:
    back = read_back(LISTING, form="cyclonedx", subject=replace(SERVER, ref="left-pad"))
    assert [one.ref for one in back.components] == [one.ref for one in LISTING.components]
    assert back.itself == replace(SERVER, ref="left-pad-")


def test_spdx_keeps_the_references_that_it_allows() -> None:
    assert [one.ref for one in read_back(LISTING, form="spdx").components] == [
        "SPDXRef-1-", "SPDXRef-2", "SPDXRef-1", "SPDXRef-4", "SPDXRef-5", "SPDXRef-6", "SPDXRef-7",
    ]  # fmt: skip


def inventories() -> Iterator[Path]:
    if not ROOT.is_dir():
        pytest.skip("the inventories and lock files lie in ../shared/data, which is not here")
    yield from (ROOT / "sbom" / "cyclonedx-spec" / "1.7").glob("valid-*")
    yield from (path for path in (ROOT / "sbom" / "dependency-track").rglob("*.json"))
    # The largest say nothing that these do not, and take seconds.
    locks = (path for path in (ROOT / "lockfiles").rglob("*") if is_lock_file(path.name))
    yield from (path for path in locks if path.stat().st_size < 200_000)


def test_every_real_inventory_reads_back_as_it_was() -> None:
    count = 0
    for path in inventories():
        listing = reading.read(path.name, path.read_bytes())
        subject = listing.itself or replace(SERVER, name=listing.subject or "none", version="")
        for form in writing.FORMS:
            assert compared(read_back(listing, form=form, subject=subject), form=form) == compared(
                listing, form=form
            ), path
        count += 1
    assert count == 138


def test_a_document_of_spdx_3_says_who_made_it_of_what() -> None:
    alone = replace(LISTING, components=(replace(LEFT_PAD, is_development=True),), roots=("left-pad",), requires={})
    written = writing.FORMS["spdx3"][1](alone, subject=SERVER, made=MADE)
    base, info = "urn:uuid:00000000-0000-0000-0000-000000000007#", {"creationInfo": "_:creation"}
    profiles = ["core", "software", "simpleLicensing", "expandedLicensing"]
    told = ["subject", "package-1", "licence-1", "licence-2", "licence-3", *(f"relationship-{n}" for n in (1, 2, 3))]

    assert written["@context"] == "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
    assert written["@graph"] == [
        {
            "type": "CreationInfo", "@id": "_:creation", "specVersion": "3.0.1", "created": "2026-03-01T09:30:05Z",
            "createdBy": [f"{base}tool"],
        },
        info | {"type": "SoftwareAgent", "spdxId": f"{base}tool", "name": "register 0.1.0"},
        info | {
            "type": "SpdxDocument", "spdxId": f"{base}document", "name": "crm-server 2.0.0",
            "dataLicense": "https://spdx.org/licenses/CC0-1.0", "rootElement": [f"{base}sbom"],
            "profileConformance": profiles,
        },
        info | {
            "type": "software_Sbom", "spdxId": f"{base}sbom", "rootElement": [f"{base}subject"],
            "element": [f"{base}{name}" for name in told], "profileConformance": profiles,
        },
        info | {
            "type": "software_Package", "spdxId": f"{base}subject", "name": "crm-server",
            "software_packageVersion": "2.0.0", "software_primaryPurpose": "application",
        },
        info | {
            "type": "software_Package", "spdxId": f"{base}package-1", "name": "left-pad",
            "software_packageVersion": "1.3.0", "software_packageUrl": "pkg:npm/left-pad@1.3.0",
            "software_primaryPurpose": "library",
            "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": SHA_256}],
        },
        info | {
            "type": "simplelicensing_LicenseExpression", "spdxId": f"{base}licence-1",
            "simplelicensing_licenseExpression": "MIT",
        },
        info | {
            "type": "expandedlicensing_CustomLicense", "spdxId": f"{base}licence-2", "name": "House licence",
            "simplelicensing_licenseText": "House licence",
        },
        info | {
            "type": "simplelicensing_LicenseExpression", "spdxId": f"{base}licence-3",
            "simplelicensing_licenseExpression": "MIT OR WTFPL",
        },
        info | {
            "type": "Relationship", "spdxId": f"{base}relationship-1", "from": f"{base}package-1",
            "relationshipType": "hasDeclaredLicense", "to": [f"{base}licence-1", f"{base}licence-2"],
        },
        info | {
            "type": "Relationship", "spdxId": f"{base}relationship-2", "from": f"{base}package-1",
            "relationshipType": "hasConcludedLicense", "to": [f"{base}licence-3"],
        },
        info | {
            "type": "LifecycleScopedRelationship", "spdxId": f"{base}relationship-3", "from": f"{base}subject",
            "relationshipType": "dependsOn", "to": [f"{base}package-1"], "scope": "development",
        },
    ]  # fmt: skip


def test_a_document_of_cyclonedx_says_who_made_it_of_what() -> None:
    assert writing.as_cyclonedx(replace(LISTING, components=PARTS[:1], requires={}), subject=SERVER, made=MADE) == {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "urn:uuid:00000000-0000-0000-0000-000000000007",
        "version": 1,
        "metadata": {
            "timestamp": "2026-03-01T09:30:05Z",
            "tools": {"components": [{"type": "application", "name": "register", "version": "0.1.0"}]},
            "component": {"type": "application", "bom-ref": "server", "name": "crm-server", "version": "2.0.0"},
        },
        "components": [
            {
                "type": "library", "bom-ref": "left-pad", "name": "left-pad", "version": "1.3.0",
                "purl": "pkg:npm/left-pad@1.3.0",
                "hashes": [{"alg": "SHA-256", "content": SHA_256}],
                "licenses": [
                    {"license": {"id": "MIT"}},
                    {"license": {"name": "House licence"}},
                    {"license": {"name": "MIT OR WTFPL", "acknowledgement": "concluded"}},
                ],
            }
        ],
        "dependencies": [{"ref": "server", "dependsOn": ["left-pad", "SPDXRef-1"]}],
    }  # fmt: skip


def test_a_document_of_spdx_says_who_made_it_of_what() -> None:
    alone = replace(LISTING, components=PARTS[:1], roots=("left-pad",), requires={})
    unsaid = {"downloadLocation": "NOASSERTION", "filesAnalyzed": False, "copyrightText": "NOASSERTION"}
    assert writing.as_spdx(alone, subject=SERVER, made=MADE) == {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": "crm-server 2.0.0",
        "documentNamespace": "urn:uuid:00000000-0000-0000-0000-000000000007",
        "creationInfo": {"created": "2026-03-01T09:30:05Z", "creators": ["Tool: register-0.1.0"]},
        "packages": [
            unsaid | {
                "SPDXID": "SPDXRef-Subject", "name": "crm-server", "versionInfo": "2.0.0",
                "primaryPackagePurpose": "APPLICATION",
                "licenseDeclared": "NOASSERTION", "licenseConcluded": "NOASSERTION",
            },
            unsaid | {
                "SPDXID": "SPDXRef-1", "name": "left-pad", "versionInfo": "1.3.0", "primaryPackagePurpose": "LIBRARY",
                "licenseDeclared": "MIT AND LicenseRef-1", "licenseConcluded": "MIT OR WTFPL",
                "checksums": [{"algorithm": "SHA256", "checksumValue": SHA_256}],
                "externalRefs": [
                    {
                        "referenceCategory": "PACKAGE-MANAGER",
                        "referenceType": "purl",
                        "referenceLocator": "pkg:npm/left-pad@1.3.0",
                    }
                ],
            },
        ],
        "relationships": [
            {
                "spdxElementId": "SPDXRef-DOCUMENT",
                "relationshipType": "DESCRIBES",
                "relatedSpdxElement": "SPDXRef-Subject",
            },
            {"spdxElementId": "SPDXRef-Subject", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "SPDXRef-1"},
        ],
        "hasExtractedLicensingInfos": [
            {"licenseId": "LicenseRef-1", "name": "House licence", "extractedText": "House licence"}
        ],
    }  # fmt: skip
