"""CycloneDX is read whole, and refused with the place where it breaks its schema."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from composition.documents import reading, validation
from composition.documents.opening import InventoryInvalid
from composition.listing import Listed
from tests.composition.documents import SERVER, cyclonedx, read, the_only
from tests.composition.shared import ROOT
from tests.composition.ways import path_to
from tests.tables import for_each
from vendors.naming.integrity import Digest
from vendors.strict_json import DocumentInvalid

SPECIFICATION = ROOT / "sbom" / "cyclonedx-spec"
DEPENDENCY_TRACK = ROOT / "sbom" / "dependency-track"
SHA_256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

IN_XML = """<?xml version="1.0" encoding="ISO-8859-1"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.6" xmlns:own="https://example.org/own" version="1">
  <metadata>
    <component type="application" bom-ref="server"><name>crm-server</name><version>2.0.0</version></component>
  </metadata>
  <components>
    <component type="library" bom-ref="a">
      <group>@scope</group><name>a</name><version>1.0.0</version><scope>excluded</scope>
      <hashes><hash alg="SHA-256">9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08</hash></hashes>
      <licenses>
        <license acknowledgement="concluded"><id>MIT</id></license>
        <license><name>House licence of M\xfcller</name></license>
      </licenses>
      <purl>pkg:npm/%40scope/a@1.0.0</purl>
      <properties><property name="x">y</property></properties>
      <components><component type="file"><name>a.js</name></component></components>
      <own:note><components><component type="library"><name>hidden</name></component></components></own:note>
    </component>
  </components>
  <dependencies><dependency ref="server"><dependency ref="a"/></dependency></dependencies>
</bom>
""".encode("latin-1")


def problems(document: dict) -> list[str]:
    with pytest.raises(DocumentInvalid) as caught:
        read(document)
    return [str(problem) for problem in caught.value.problems]


def documents(folder: Path, *, named: str) -> list[Path]:
    if not folder.is_dir():
        pytest.skip("the inventories lie in ../shared/data/sbom, which is not here")
    return sorted(path for path in folder.rglob(f"{named}*") if path.suffix in {".json", ".xml"})


def test_every_invalid_document_of_the_specification_is_refused_with_the_place() -> None:
    paths = documents(SPECIFICATION, named="invalid")
    assert len(paths) == 306
    for path in paths:
        with pytest.raises(InventoryInvalid) as caught:
            reading.read(path.name, path.read_bytes())
        assert all(problem.path for problem in caught.value.problems), path


def test_every_valid_document_of_the_specification_is_read_whole() -> None:
    counted = {".json": 0, ".xml": 0}
    paths = documents(SPECIFICATION, named="valid")
    assert len(paths) == 464
    for path in paths:
        listing = reading.read(path.name, path.read_bytes())
        assert listing.form == f"CycloneDX {path.parent.name}, {path.suffix[1:].upper()}"
        counted[path.suffix] += len(listing.components)
        assert len(listing.components) == independent_count(path), path.name
    assert counted == {".json": 275, ".xml": 350}


def independent_count(path: Path) -> int:
    """Count the components of a document, with those of its subject, by a walk that knows nothing of the reader."""
    if path.suffix == ".json":
        document = json.loads(path.read_text(encoding="utf-8"))
        return in_json(document) + in_json(document.get("metadata", {}).get("component", {}))
    root = ElementTree.parse(path).getroot()
    space = root.tag.partition("}")[0] + "}"
    return in_xml(root, space) + sum(in_xml(one, space) for one in root.findall(f"{space}metadata/{space}component"))


def in_json(of: dict) -> int:
    return sum(1 + in_json(one) for one in of.get("components", ()))


def in_xml(of: ElementTree.Element, space: str) -> int:
    return sum(1 + in_xml(one, space) for one in of.findall(f"{space}components/{space}component"))


def test_a_real_document_is_read_with_its_graph() -> None:
    [path] = documents(DEPENDENCY_TRACK, named="dtrack-apiserver-4.5.0")
    listing = reading.read(path.name, path.read_bytes())
    assert (len(listing.components), len(listing.roots)) == (132, 26)
    assert all(one.ecosystem == "Maven" and one.version and one.digests for one in listing.components)


def test_a_component_is_named_as_osv_names_it() -> None:
    one = the_only(
        read(
            cyclonedx(
                {
                    "bom-ref": "a", "group": "org.slf4j", "name": "slf4j-api", "version": "1.7.36",
                    "purl": "pkg:maven/org.slf4j/slf4j-api@1.7.36?type=jar",
                    "hashes": [{"alg": "SHA-256", "content": SHA_256.upper()}],
                    "licenses": [{"license": {"id": "MIT"}}],
                }
            )
        )
    )  # fmt: skip
    assert one == Listed(
        ref="a", name="org.slf4j:slf4j-api", version="1.7.36", ecosystem="Maven",
        purl="pkg:maven/org.slf4j/slf4j-api@1.7.36?type=jar",
        licences=("MIT",), digests=frozenset({Digest("sha256", SHA_256)}),
    )  # fmt: skip


def test_xml_is_read_as_json_is() -> None:
    listing = reading.read("bom.xml", IN_XML)
    a, file = listing.components
    assert (listing.form, listing.subject, listing.roots) == ("CycloneDX 1.6, XML", "crm-server 2.0.0", ("a",))
    assert a == Listed(
        ref="a", name="@scope/a", version="1.0.0", purl="pkg:npm/%40scope/a@1.0.0", ecosystem="npm",
        licences=("House licence of Müller",), concluded_licences=("MIT",),
        digests=frozenset({Digest("sha256", SHA_256)}), is_development=True,
    )  # fmt: skip
    assert (file.name, file.kind, path_to(listing, file.ref)) == ("a.js", "file", ("a", file.ref))


def test_nested_components_are_read_whole_and_come_by_what_they_are_in() -> None:
    inner = {"type": "library", "name": "inner", "bom-ref": "inner"}
    middle = {"type": "library", "name": "middle", "bom-ref": "middle", "components": [inner]}
    beside = {"type": "library", "name": "beside", "bom-ref": "beside"}
    listing = read(
        cyclonedx({"bom-ref": "top", "components": [middle]}, metadata={"component": SERVER | {"components": [beside]}})
    )
    assert [one.ref for one in listing.components] == ["beside", "top", "middle", "inner"]
    assert listing.requires == {"top": ("middle",), "middle": ("inner",)}
    assert listing.roots == ("beside",)


def test_an_expression_with_details_is_a_licence_in_xml_too() -> None:
    """As CycloneDX 1.7 writes it, in an attribute."""
    raw = b"""<bom xmlns="http://cyclonedx.org/schema/bom/1.7"><components><component type="library"><name>a</name>
      <licenses><expression-detailed expression="MIT AND (Apache-2.0 OR BSD-3-Clause)"/></licenses>
      </component></components></bom>"""
    assert the_only(reading.read("bom.xml", raw)).licences == ("MIT", "Apache-2.0 OR BSD-3-Clause")


def test_what_the_subject_needs_is_direct_and_the_rest_has_a_path() -> None:
    listing = read(
        cyclonedx(
            {"bom-ref": "a"}, {"bom-ref": "b", "name": "b"}, {"bom-ref": "c", "name": "c"},
            metadata={"component": SERVER},
            dependencies=[{"ref": "server", "dependsOn": ["a"]}, {"ref": "a", "dependsOn": ["b"]}],
        )
    )  # fmt: skip
    assert [listing.is_direct(one) for one in "abc"] == [True, False, None]
    assert path_to(listing, "b") == ("a", "b")
    assert listing.itself == Listed(ref="server", name="crm-server", version="2.0.0", kind="application")


@for_each("aggregate, has_all_roots, is_direct", [("complete", True, False), ("unknown", False, None)])
def test_a_document_says_itself_whether_it_names_all_that_the_subject_needs(
    aggregate: str, has_all_roots: bool, is_direct: bool | None
) -> None:
    listing = read(
        cyclonedx(
            {"bom-ref": "a"}, {"bom-ref": "b", "name": "b"}, metadata={"component": SERVER},
            dependencies=[{"ref": "server", "dependsOn": ["a"]}],
            compositions=[{"aggregate": aggregate, "dependencies": ["server"]}],
        )
    )  # fmt: skip
    assert (listing.has_all_roots, listing.is_direct("b")) == (has_all_roots, is_direct)


def test_a_version_beside_the_package_url_completes_it() -> None:
    one = the_only(read(cyclonedx({"version": "1.3.0", "purl": "pkg:npm/left-pad"})))
    assert (one.purl, one.version) == ("pkg:npm/left-pad@1.3.0", "1.3.0")


def test_a_part_of_a_package_has_a_name_of_its_own() -> None:
    listing = read(cyclonedx({"name": "PIL._avif", "purl": "pkg:pypi/pillow@13.0.0#c-ext/PIL._avif"}))
    assert (the_only(listing).name, listing.remarks) == ("pillow", ())


def test_a_component_without_a_package_url_keeps_the_name_that_it_has() -> None:
    one = the_only(read(cyclonedx({"group": "acme", "version": "1"})))
    assert (one.ecosystem, one.name, one.version, one.purl) == ("", "acme/left-pad", "1", "")


@for_each(
    "component, remark",
    [
        ({"purl": "left-pad"}, "No package URL, and so not compared with advisories: components[0] ('left-pad' is no"),
        ({"version": "2", "purl": "pkg:npm/left-pad@1"}, "Another version than in the package URL, which is taken: "),
        ({"purl": "pkg:npm/right-pad@1"}, "Another name than in the package URL, which is taken: components[0]."),
        (
            {"versionRange": "vers:npm/>=1.0.0", "isExternal": True},
            "A range of versions and no version, so that it cannot be compared: components[0].",
        ),
        (
            {"hashes": [{"alg": "MD5", "content": "0" * 32}]},
            "Checksums are kept of SHA-256, SHA-384 and SHA-512 alone, not of: MD5.",
        ),
        ({"hashes": [{"alg": "SHA-512", "content": "0" * 64}]}, "Checksums of another length than their algorithm"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_with_its_place(component: dict, remark: str) -> None:
    [found] = read(cyclonedx(component, version="1.7")).remarks
    assert found.startswith(remark)


@for_each(
    "more, remark",
    [
        (
            {"dependencies": [{"ref": "a", "dependsOn": ["b"]}]},
            "Dependencies name what is not listed as a component: b.",
        ),
        ({"services": [{"name": "s"}]}, "Not read, as it lists no components: services (1)."),
        ({"vulnerabilities": [{"id": "CVE-2026-1"}]}, "Not read, as it lists no components: vulnerabilities (1)."),
        ({"compositions": [{"aggregate": "incomplete"}]}, 'It calls a part "incomplete": compositions[0].'),
        ({"compositions": [{"aggregate": "complete"}]}, None),
        (
            {"metadata": {"component": SERVER}, "dependencies": [{"ref": "a", "dependsOn": ["server"]}]},
            "What depends on the subject itself is left out: dependencies[0].",
        ),
    ],
)  # fmt: skip
def test_what_else_it_says_is_remarked(more: dict, remark: str | None) -> None:
    assert read(cyclonedx({"bom-ref": "a"}, **more)).remarks == ((remark,) if remark else ())


def test_of_many_places_the_first_are_named() -> None:
    [remark] = read(
        cyclonedx(*({"name": f"n{one}", "purl": f"pkg:npm/n{one}@1", "version": "2"} for one in range(7)))
    ).remarks
    assert remark.endswith("components[0], components[1], components[2], components[3], components[4] and 2 more.")


def test_a_component_listed_twice_is_one_and_is_said() -> None:
    twice = {"type": "library", "bom-ref": "a", "name": "left-pad"}
    listing = read(cyclonedx(twice, {"bom-ref": "b", "name": "b", "components": [twice]}))
    assert ([one.ref for one in listing.components], listing.remarks) == (
        ["a", "b"],
        ("Listed twice: components[1].components[0].",),
    )


def test_one_reference_of_two_components_is_refused_with_both_places() -> None:
    [problem] = problems(cyclonedx({"bom-ref": "a"}, {"bom-ref": "a", "name": "b"}))
    assert problem.startswith("components[1]: Its reference 'a' is that of components[0] already, which is another")


@for_each(
    "document, problem",
    [
        (
            cyclonedx({}, serialNumber="urn:uuid3e671687"),
            "serialNumber: Write urn:uuid: and a UUID, as in urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79."
            " Not 'urn:uuid3e671687'.",
        ),
        (cyclonedx({"type": ""}, version="1.2"), "components[0].version: This is required. Add it."),
        (
            cyclonedx({"type": ""}, version="1.4"),
            "components[0].type: Use one of: application, framework, library, container, operating-system, device,"
            " firmware, file; not ''.",
        ),
        (
            cyclonedx({}, version="1.9"),
            "specVersion: Version '1.9' of CycloneDX is not known; 1.2 to 1.7 are read. Ask for one of these.",
        ),
        (cyclonedx({"version": 1}), "components[0].version: Write a text here, not 1."),
        (cyclonedx({"licence": "MIT"}), "components[0].licence: The published form has no such field. Take it out."),
        (
            cyclonedx({"licenses": [{"license": {"id": "MIT"}, "expression": "MIT"}]}),
            "components[0].licenses[0].expression: The published form has no such field. Take it out.",
        ),
        (cyclonedx({}, {}), "components[1]: The same entry is in this list before. Keep one of them."),
    ],
    ids=lambda row: row[1],
)  # fmt: skip
def test_a_document_that_breaks_its_schema_is_refused_with_the_place(document: dict, problem: str) -> None:
    assert problem in problems(document)


def test_an_address_with_a_variable_of_maven_in_it_refuses_nothing() -> None:
    address = {"type": "issue-tracker", "url": "https://github.com/FasterXML/${project.artifactId}/issues"}
    assert the_only(read(cyclonedx({"externalReferences": [address]}))).name == "left-pad"


def test_schemas_of_every_version_are_shipped() -> None:
    assert validation.XML_VERSIONS == ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7")
    for version in validation.JSON_VERSIONS:
        assert read(cyclonedx({"version": "1"}, version=version)).form == f"CycloneDX {version}, JSON"
