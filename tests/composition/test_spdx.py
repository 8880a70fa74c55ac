"""SPDX is read whole in each of its forms, and refused with the place where it says what cannot be."""

import json

import pytest

from composition.documents import reading
from composition.listing import Listed, Listing
from tests.composition.documents import read, spdx, the_only
from tests.composition.ways import path_to
from tests.tables import for_each
from vendors.naming.integrity import Digest
from vendors.strict_json import DocumentInvalid

SHA_256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SERVER = {
    "SPDXID": "SPDXRef-Server",
    "name": "crm-server",
    "versionInfo": "2.0.0",
    "primaryPackagePurpose": "APPLICATION",
}
A, B = {"SPDXID": "SPDXRef-a", "name": "a"}, {"SPDXID": "SPDXRef-b", "name": "b"}
LEFT_PAD = {
    "SPDXID": "SPDXRef-left-pad",
    "name": "left-pad",
    "versionInfo": "1.3.0",
    "licenseDeclared": "MIT AND LicenseRef-house",
    "licenseConcluded": "MIT OR WTFPL",
    "checksums": [{"algorithm": "SHA256", "checksumValue": SHA_256}],
    "externalRefs": [
        {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/left-pad@1.3.0"}
    ],
}
AS_LISTED = Listed(
    ref="SPDXRef-left-pad", name="left-pad", version="1.3.0", purl="pkg:npm/left-pad@1.3.0", ecosystem="npm",
    licences=("MIT", "House licence"), concluded_licences=("MIT OR WTFPL",),
    digests=frozenset({Digest("sha256", SHA_256)}),
)  # fmt: skip
HOUSE = [{"licenseId": "LicenseRef-house", "name": "House licence", "extractedText": "As the house likes."}]

AS_TAGS = f"""SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: crm-server
DocumentNamespace: https://example.org/spdx/crm-server
Creator: Tool: written-by-hand
Created: 2026-03-01T09:30:00Z
# A package
PackageName: left-pad
SPDXID: SPDXRef-left-pad
PackageVersion: 1.3.0
PackageDownloadLocation: NOASSERTION
PackageLicenseDeclared: MIT AND LicenseRef-house
PackageLicenseConcluded: MIT OR WTFPL
PackageChecksum: SHA256: {SHA_256}
ExternalRef: PACKAGE-MANAGER purl pkg:npm/left-pad@1.3.0
PackageComment: <text>Several lines,
PackageVersion: 9.9.9
of a comment.</text>
FileName: ./a.js
SPDXID: SPDXRef-file
Relationship: SPDXRef-DOCUMENT DEPENDS_ON SPDXRef-left-pad
LicenseID: LicenseRef-house
LicenseName: House licence
ExtractedText: <text>As the house likes.</text>
"""


AS_YAML = """---
SPDXID: "SPDXRef-DOCUMENT"
spdxVersion: SPDX-2.2
name: crm-server
dataLicense: CC0-1.0
creationInfo: {created: 2026-03-01T09:30:00Z, creators: ["Tool: written-by-hand"]}
packages:
- SPDXID: SPDXRef-a
  name: a
  versionInfo: 1.10
  downloadLocation: NOASSERTION
"""


def relation(first: str, kind: str, second: str) -> dict[str, str]:
    return {
        "spdxElementId": f"SPDXRef-{first}",
        "relationshipType": kind,
        "relatedSpdxElement": second if second in {"NONE", "NOASSERTION"} else f"SPDXRef-{second}",
    }


def related(*relationships: dict[str, str]) -> Listing:
    return read(spdx(SERVER, A, B, relationships=[relation("DOCUMENT", "DESCRIBES", "Server"), *relationships]))


def test_a_package_is_named_as_osv_names_it() -> None:
    listing = read(spdx(LEFT_PAD, hasExtractedLicensingInfos=HOUSE))
    assert (listing.form, listing.subject, listing.components) == ("SPDX 2.3, JSON", "crm-server", (AS_LISTED,))


def test_tags_with_values_are_read_as_json_is() -> None:
    listing = reading.read("bom.spdx.txt", AS_TAGS.encode())
    assert (listing.form, listing.components) == ("SPDX 2.3, tag-value", (AS_LISTED,))
    assert (listing.roots, listing.remarks) == (
        ("SPDXRef-left-pad",),
        ("Not read, as it lists no components: files (1).",),
    )


def test_yaml_is_read_as_json_is() -> None:
    listing = reading.read("bom.yaml", AS_YAML.encode())
    assert (listing.form, the_only(listing).version) == ("SPDX 2.2, YAML", "1.10")


@for_each(
    "kind, needs, needed",
    [
        ("DEPENDS_ON", "a", "b"), ("contains", "a", "b"), ("static_link", "a", "b"),
        ("DEPENDENCY_OF", "b", "a"), ("CONTAINED_BY", "b", "a"), ("RUNTIME_DEPENDENCY_OF", "b", "a"),
    ],
)  # fmt: skip
def test_either_direction_of_a_relationship_says_what_needs_what(kind: str, needs: str, needed: str) -> None:
    listing = related(relation("a", kind, "b"))
    assert listing.requires == {f"SPDXRef-{needs}": (f"SPDXRef-{needed}",)}


def test_the_one_package_that_a_document_describes_is_its_subject() -> None:
    listing = related(relation("Server", "DEPENDS_ON", "a"), relation("a", "DEPENDS_ON", "b"))
    assert (listing.subject, listing.roots, [one.name for one in listing.components]) == (
        "crm-server 2.0.0",
        ("SPDXRef-a",),
        ["a", "b"],
    )
    assert path_to(listing, "SPDXRef-b") == ("SPDXRef-a", "SPDXRef-b")


@for_each(
    "needs, roots, ways",
    [
        ([("a", "b")], ("SPDXRef-a",), {"SPDXRef-b": ("SPDXRef-a", "SPDXRef-b")}),
        ([("a", "b"), ("b", "a")], ("SPDXRef-a",), {"SPDXRef-b": ("SPDXRef-a", "SPDXRef-b")}),
        ([], ("SPDXRef-a", "SPDXRef-b"), {}),
    ],
)
def test_ways_begin_at_the_parts_of_the_subject_that_no_other_needs(needs: list, roots: tuple, ways: dict) -> None:
    """As Syft and Trivy write it: the subject contains all packages, and some of them depend on others."""
    parts = [relation("Server", "CONTAINS", one) for one in "ab"]
    listing = related(*parts, *(relation(one, "DEPENDS_ON", other) for one, other in needs))
    assert (listing.roots, listing.has_all_roots) == (roots, False)
    assert {ref: path_to(listing, ref) for ref in ways} == ways
    assert listing.remarks == (
        "What the subject needs itself is not said, so that ways begin at its parts that no other needs.",
    )


def test_what_the_subject_needs_itself_goes_before_what_it_contains() -> None:
    listing = related(*(relation("Server", "CONTAINS", one) for one in "ab"), relation("Server", "DEPENDS_ON", "a"))
    assert (listing.roots, listing.has_all_roots, listing.remarks) == (("SPDXRef-a",), None, ())


def test_of_several_packages_that_a_document_describes_each_is_needed_itself() -> None:
    listing = read(spdx(A, B, documentDescribes=["SPDXRef-a", "SPDXRef-b"]))
    assert (listing.subject, set(listing.roots)) == ("crm-server", {"SPDXRef-a", "SPDXRef-b"})


@for_each(
    "relationships, development",
    [
        ([relation("a", "DEV_DEPENDENCY_OF", "Server")], {"a"}),
        ([relation("a", "TEST_TOOL_OF", "Server")], {"a"}),
        ([relation("a", "DEV_DEPENDENCY_OF", "Server"), relation("b", "DEPENDS_ON", "a")], set()),
    ],
)
def test_what_only_serves_to_develop_is_marked(relationships: list[dict[str, str]], development: set[str]) -> None:
    assert {one.name for one in related(*relationships).components if one.is_development} == development


@for_each(
    "relationships, remark",
    [
        ([relation("a", "DEPENDS_ON", "gone")], "Dependencies name what is not listed as a component: SPDXRef-gone."),
        ([relation("a", "DEPENDS_ON", "NONE")], None),
        (
            [relation("a", "COPY_OF", "b")],
            "Relationships that say nothing of what is needed are not read: COPY_OF (1).",
        ),
    ],
)
def test_what_cannot_be_used_of_relationships_is_said(relationships: list, remark: str | None) -> None:
    assert related(*relationships).remarks == ((remark,) if remark else ())


def test_a_fraction_of_a_second_and_a_missing_download_location_are_read_as_trivy_writes_them() -> None:
    document = spdx(A, creationInfo={"created": "2022-12-27T23:08:17.349368Z", "creators": ["Tool: trivy"]})
    del document["packages"][0]["downloadLocation"]
    listing = read(document)
    assert (the_only(listing).name, listing.remarks) == (
        "a",
        ("No downloadLocation, which SPDX requires: packages[0].",),
    )


def test_the_export_of_github_is_read_in_its_wrapper() -> None:
    assert the_only(read({"sbom": spdx(A)})).name == "a"


@for_each(
    "raw, problem",
    [
        (json.dumps(spdx(version="2.1")), "spdxVersion: Version 'SPDX-2.1' of SPDX is not known; 2.2, 2.3 and"),
        (json.dumps(spdx({"SPDXID": "SPDXRef-a"})), "packages[0].name: This is required. Add it."),
        (json.dumps(spdx(A, A | {"name": "b"})), "packages[1]: Its reference 'SPDXRef-a' is that of packages[0]"),
        (json.dumps(spdx(A | {"checksums": [{"algorithm": "SHA256", "checksumValue": "x"}]})),
         "packages[0].checksums[0].checksumValue: 'x' does not have the published form"),
        ("SPDXVersion: SPDX-2.3\nPackageVersion: 1", "line 2: PackageVersion stands before the PackageName"),
        ("SPDXVersion: SPDX-2.3\nno tag", "line 2: This is no tag with a value."),
        ("SPDXVersion: SPDX-2.3\nDocumentComment: <text>never\nclosed", "line 2: The <text> that begins here has"),
        ("SPDXVersion: SPDX-2.3\nRelationship: a DEPENDS_ON", "line 2: Write an element, the kind of"),
        ("SPDXVersion: SPDX-2.3\nPackageName: a\nExternalRef: purl", "line 3: Write the category, the type"),
        ("spdxVersion: SPDX-2.3\nname: &a x\npackages: *a", "'a' refers to another place of the file."),
        ("spdxVersion: SPDX-2.3\n---\na: b", "The file is no one document of SPDX in YAML. Give one."),
        ('<rdf:RDF xmlns:spdx="http://spdx.org/rdf/terms#"/>', "SPDX in XML or RDF is not read. Give the same"),
    ],
    ids=lambda row: row[1],
)  # fmt: skip
def test_a_document_that_cannot_be_read_is_refused_with_the_place(raw: str, problem: str) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        reading.read("bom.spdx", raw.encode())
    assert any(str(found).startswith(problem) for found in caught.value.problems), caught.value


def spdx_3(*elements: dict, version: str = "3.0.1") -> dict:
    info = {"type": "CreationInfo", "@id": "_:info", "specVersion": version}
    graph = [info, *({"spdxId": f"urn:{one.get('name', index)}"} | one for index, one in enumerate(elements))]
    return {"@context": f"https://spdx.org/rdf/{version}/spdx-context.jsonld", "@graph": graph}


def link(first: str, kind: str, *others: str, **more: object) -> dict:
    return {
        "type": "Relationship",
        "from": f"urn:{first}",
        "relationshipType": kind,
        "to": [f"urn:{one}" for one in others],
    } | more


IN_3 = (
    {"type": "SpdxDocument", "rootElement": ["urn:bom"]},
    {"type": "software_Sbom", "spdxId": "urn:bom", "rootElement": ["urn:server"]},
    {"type": "software_Package", "name": "server", "software_packageVersion": "2"},
    {
        "type": "software_Package", "name": "left-pad", "software_packageVersion": "1.3.0",
        "externalIdentifier": [{"externalIdentifierType": "packageUrl", "identifier": "pkg:npm/left-pad@1.3.0"}],
        "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": SHA_256}],
    },
    {"type": "ai_AIPackage", "name": "model"},
    {"type": "simplelicensing_LicenseExpression", "name": "mit", "simplelicensing_licenseExpression": "MIT"},
    link("server", "dependsOn", "left-pad", "model"),
    link("left-pad", "hasDeclaredLicense", "mit"),
    link("left-pad", "hasConcludedLicense", to=["https://spdx.org/licenses/WTFPL"]),
)  # fmt: skip


def test_the_packages_of_a_graph_are_read_with_what_they_need() -> None:
    listing = read(spdx_3(*IN_3))
    left_pad, model = listing.components
    assert (listing.form, listing.subject, listing.remarks) == ("SPDX 3.0.1, JSON-LD", "server 2", ())
    assert (listing.roots, model.kind) == (("urn:left-pad", "urn:model"), "machine-learning-model")
    assert left_pad == Listed(
        ref="urn:left-pad", name="left-pad", version="1.3.0", purl="pkg:npm/left-pad@1.3.0", ecosystem="npm",
        licences=("MIT",), concluded_licences=("WTFPL",), digests=frozenset({Digest("sha256", SHA_256)}),
    )  # fmt: skip


def test_what_is_needed_to_test_alone_is_marked_in_a_graph() -> None:
    listing = read(
        spdx_3(*IN_3[:4], link("server", "dependsOn", "left-pad", type="LifecycleScopedRelationship", scope="test"))
    )
    assert [one.is_development for one in listing.components] == [True]


def test_a_set_of_licences_that_holds_itself_ends() -> None:
    endless = {
        "type": "expandedlicensing_ConjunctiveLicenseSet",
        "name": "all",
        "expandedlicensing_member": ["urn:all", "urn:mit"],
    }
    listing = read(spdx_3(*IN_3[3:7], endless, link("left-pad", "hasDeclaredLicense", "all")))
    assert listing.components[0].licences == ("all AND MIT",)


@for_each(
    "document, problem",
    [
        (spdx_3(version="3.1"), "@context: Version 3.1 of SPDX is not known; 2.2, 2.3 and 3.0 are read."),
        (spdx_3({"type": "software_Package"}), "@graph[1].name: This is required. Add it."),
        (spdx_3(link("a", "dependsOn", "b", to="urn:b")), "@graph[1].to: Write a list here, not 'urn:b'."),
        (spdx_3(IN_3[3], {"type": "software_Package", "name": "left-pad"}), "@graph[2]: Its reference 'urn:left-pad'"),
    ],
    ids=lambda row: row[1],
)  # fmt: skip
def test_a_graph_that_cannot_be_read_is_refused_with_the_place(document: dict, problem: str) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        read(document)
    assert any(str(found).startswith(problem) for found in caught.value.problems), caught.value
