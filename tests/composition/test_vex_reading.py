"""VEX documents are read whole: each statement is kept or rejected with its place, and a broken document is refused."""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from composition.vex import csaf, gathering, reading, stated
from composition.vex.stated import Document, Package, Rejected, Stated
from tests.composition import shared
from tests.composition.vex_documents import AUTHOR, QS, cyclonedx, not_affected, openvex, read
from tests.tables import for_each
from vendors.strict_json import DocumentInvalid

PACKAGE = Package(ecosystem="npm", name="qs", version="6.11.0", purl=QS)
PRODUCT = "pkg:npm/%40weather/server@2.0.0"
# Of each document: its form, the statuses of its statements, and how many are rejected.
REAL = {
    "grype/db/processors/testdata/csaf-vex.json": ("CSAF 2.0", ["fixed"], 1),
    "grype/vex/testdata/vex-docs/csaf-demo1.json": ("CSAF 2.0", ["fixed"], 0),
    "grype/vex/testdata/vex-docs/csaf-demo2.json": ("CSAF 2.0", ["not_affected"], 0),
    "grype/vex/testdata/vex-docs/openvex-debian.json": ("OpenVEX 0.2.0", ["fixed"], 0),
    "grype/vex/testdata/vex-docs/openvex-demo1.json": ("OpenVEX 0.2.0", ["fixed"], 0),
    "grype/vex/testdata/vex-docs/openvex-demo2.json": ("OpenVEX 0.2.0", ["fixed"] * 3 + ["not_affected"] * 2, 0),
    "grype/vex/testdata/vex-docs/openvex-image-no-subcomponents.json": ("OpenVEX 0.2.0", ["fixed"], 0),
    "grype/vex/testdata/vex-docs/openvex-package-product.json": ("OpenVEX 0.2.0", ["fixed"], 0),
    "test/integration/testdata/vex/csaf/affected.csaf.json": ("CSAF 2.0", ["affected"], 0),
    "test/integration/testdata/vex/csaf/under_investigation.csaf.json": ("CSAF 2.0", ["under_investigation"], 0),
    "test/integration/testdata/vex/openvex/affected.openvex.json": ("OpenVEX 0.2.0", ["affected"], 0),
    "test/integration/testdata/vex/openvex/under_investigation.openvex.json": (
        "OpenVEX 0.2.0",
        ["under_investigation"],
        0,
    ),
}


def the_only(document: Document) -> Stated:
    assert not document.rejected, document.rejected
    [one] = document.statements
    return one


def the_rejected(document: Document) -> Rejected:
    assert not document.statements
    [one] = document.rejected
    return one


def problems(document: Any) -> list[tuple[str, str]]:
    with pytest.raises(DocumentInvalid) as raised:
        reading.read(document if isinstance(document, bytes) else json.dumps(document).encode())
    return [(one.path, one.message) for one in raised.value.problems]


def test_a_statement_of_openvex_is_read_whole() -> None:
    document = read(
        openvex(
            not_affected(
                vulnerability={"name": "CVE-2022-24999", "aliases": ["GHSA-hrpp-h998-j3pp", "CVE-2022-24999"]},
                impact_statement=" Nothing parses queries. ",
                status_notes="Seen in review.",
                timestamp="2026-02-28T23:00:00-01:00",
            ),
            last_updated="2026-03-02T00:00:00.123456789Z",
        )
        | {"version": 3}
    )
    assert (document.form, document.author, document.version) == ("OpenVEX 0.2.0", AUTHOR, "3")
    assert document.changed_at == datetime(2026, 3, 2, 0, 0, 0, 123456, tzinfo=UTC)
    assert the_only(document) == Stated(
        place="statements[0]",
        names=("CVE-2022-24999", "GHSA-hrpp-h998-j3pp"),
        packages=(PACKAGE,),
        status=stated.Status.NOT_AFFECTED,
        justification=stated.Justification.CODE_NOT_IN_EXECUTE_PATH,
        impact="Nothing parses queries.",
        notes="Seen in review.",
        stated_at=datetime(2026, 3, 1, tzinfo=UTC),
    )


def test_the_parts_of_a_product_are_what_a_statement_is_about() -> None:
    product = {"@id": PRODUCT, "subcomponents": [{"@id": QS}, {"identifiers": {"purl": "pkg:npm/express"}}]}
    packages = the_only(read(openvex(not_affected(products=[product])))).packages
    assert [(one.name, one.version, one.within) for one in packages] == [
        ("qs", "6.11.0", PRODUCT),
        ("express", "", PRODUCT),
    ]


def test_the_first_version_of_openvex_names_things_by_plain_texts() -> None:
    first = openvex(
        not_affected(vulnerability="CVE-2022-24999", products=[PRODUCT], subcomponents=[QS]), version="0.0.1"
    )
    one = the_only(read(first | {"@context": "https://openvex.dev/ns", "version": "1"}))
    assert (one.names, [(each.purl, each.within) for each in one.packages]) == (("CVE-2022-24999",), [(QS, PRODUCT)])


@for_each(
    "state, given, status, justification, impact",
    [
        ("not_affected", "code_not_present", "not_affected", "vulnerable_code_not_present", "As it is."),
        (
            "not_affected", "requires_configuration", "not_affected",
            "vulnerable_code_cannot_be_controlled_by_adversary", "It takes a configuration that is not set. As it is.",
        ),
        ("false_positive", "", "not_affected", None, "It was found by mistake. As it is."),
        ("in_triage", "", "under_investigation", None, ""),
        ("exploitable", "", "affected", None, ""),
        ("resolved", "", "fixed", None, ""),
        ("resolved_with_pedigree", "", "fixed", None, ""),
    ],
)  # fmt: skip
def test_an_analysis_of_cyclonedx_is_told_by_the_common_words(
    state: str, given: str, status: str, justification: str | None, impact: str
) -> None:
    analysis = {"state": state, "detail": "As it is."} | ({"justification": given} if given else {})
    one = the_only(read(cyclonedx(analysis)))
    assert (one.status, one.justification, one.impact, one.packages) == (status, justification, impact, (PACKAGE,))


@for_each(
    "ref, components, purl",
    [
        ("urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg%3Anpm%2Fqs%406.11.0", [], QS),
        ("pkg:npm/qs", [], "pkg:npm/qs"),
        (
            "inner",
            [{"type": "library", "name": "a", "components": [
                {"type": "library", "bom-ref": "inner", "name": "qs", "purl": QS}]}],
            QS,
        ),
    ],
)  # fmt: skip
def test_cyclonedx_refers_to_what_it_lists_or_to_a_package_url(ref: str, components: list, purl: str) -> None:
    document = cyclonedx({"state": "exploitable"}, affects=[{"ref": ref}]) | {"components": components}
    assert [one.purl for one in the_only(read(document)).packages] == [purl]


def test_of_a_component_without_a_version_the_single_versions_that_fit_are_meant() -> None:
    versions = [{"version": "6.11.0", "status": "unaffected"}, {"range": "vers:npm/<6", "status": "affected"}]
    document = cyclonedx(
        {"state": "not_affected", "detail": "So."}, affects=[{"ref": "pkg:npm/qs", "versions": versions}]
    )
    assert the_only(read(document)).packages == (PACKAGE,)


def test_an_exploitable_vulnerability_says_what_to_do() -> None:
    analysis = {"state": "exploitable", "response": ["update"], "detail": "Reached by the parser."}
    one = the_only(read(cyclonedx(analysis, recommendation="Take 6.11.1.")))
    assert (one.action, one.notes) == ("Take 6.11.1. Update to another version.", "Reached by the parser.")


@for_each(
    "statement, place, reason",
    [
        ({"status": "not_affected"}, "statements[0]", stated.WITHOUT_GROUNDS),
        ({"status": "not_affected", "impact_statement": "  "}, "statements[0]", stated.WITHOUT_GROUNDS),
        ({"status": "fine"}, "statements[0].status", "Use one of: not_affected, affected, fixed, under_investigation"),
        (not_affected(justification="because"), "statements[0].justification", "Use one of: component_not_present"),
        (not_affected(products=[]), "statements[0]", "It names no product by a package URL."),
        (not_affected(products=[{"identifiers": {"cpe23": "cpe:2.3:a:x"}}]), "statements[0].products[0]", "It"),
        (not_affected(products=[{"@id": "https://weather.example/p"}]), "statements[0].products[0]", "'https://weather"),
        (not_affected(vulnerability={}), "statements[0].vulnerability", "None names no vulnerability."),
        (not_affected(vulnerability={"name": "CVE\n1"}), "statements[0].vulnerability", "'CVE\\n1' names no"),
        (not_affected(timestamp="yesterday"), "statements[0].timestamp", "'yesterday' is no time"),
        (not_affected(impact_statement="x" * 10_001), "statements[0].impact_statement", "'xxx"),
    ],
)  # fmt: skip
def test_a_statement_that_cannot_be_used_is_rejected_with_its_place(statement: Any, place: str, reason: str) -> None:
    one = the_rejected(read(openvex(statement)))
    assert (one.place, one.reason.startswith(f"{place}: {reason}")) == ("statements[0]", True), one.reason


def test_beside_a_rejected_statement_the_others_are_kept() -> None:
    document = read(openvex({"status": "not_affected"}, {"status": "under_investigation"}))
    assert ([one.place for one in document.statements], [one.name for one in document.rejected]) == (
        ["statements[1]"],
        ["CVE-2022-24999"],
    )


@for_each(
    "analysis, more, reason",
    [
        ({}, {}, "vulnerabilities[0].analysis.state: It names a vulnerability, and says nothing of it."),
        ({"state": "not_affected"}, {}, f"vulnerabilities[0]: {stated.WITHOUT_GROUNDS}"),
        ({"state": "false_positive"}, {}, f"vulnerabilities[0]: {stated.WITHOUT_GROUNDS}"),
        ({"state": "exploitable"}, {"affects": []}, "vulnerabilities[0]: It names no product by a package URL."),
        ({"state": "exploitable"}, {"affects": [{"ref": "gone"}]}, "vulnerabilities[0].affects[0].ref: 'gone' is no"),
        (
            {"state": "exploitable"},
            {"affects": [{"ref": "pkg:npm/qs", "versions": [{"range": "vers:npm/<6"}]}]},
            "vulnerabilities[0].affects[0].versions: It names no single versions that are affected.",
        ),
    ],
)
def test_an_analysis_that_cannot_be_used_is_rejected(analysis: Any, more: Any, reason: str) -> None:
    assert the_rejected(read(cyclonedx(analysis, **more))).reason.startswith(reason)


@for_each(
    "document, path, message",
    [
        (b"[]", "", "The file is no VEX document of a known form."),
        (b"{}", "", "The file is no VEX document of a known form."),
        (b'{"@context": "https://openvex.dev/ns", "@context": 1}', "", "The key '@context' is there twice"),
        (openvex(not_affected(), author=""), "author", "This is required"),
        (openvex(not_affected(), timestamp=None), "timestamp", "it is missing."),
        (openvex(not_affected()) | {"version": 0}, "version", "Write the version of the document here"),
        (openvex(not_affected()) | {"version": 10**30}, "version", "Write the version of the document here"),
        (cyclonedx({}) | {"version": 10**30}, "version", "Write the version of the document here"),
        (openvex(), "statements", "Write a list of statements here"),
        (openvex(not_affected()) | {"@context": "https://openvex.dev/ns/v9"}, "@context", "Version '9' of OpenVEX is"),
        (cyclonedx({"state": "fine"}), "vulnerabilities[0].analysis.state", "Use one of: resolved"),
        (cyclonedx({"state": "exploitable"}, version="1.3"), "specVersion", "CycloneDX says so from 1.4"),
        (cyclonedx({}) | {"vulnerabilities": []}, "vulnerabilities", "The document says nothing of any"),
        ({"document": {"csaf_version": "1.2"}}, "document.csaf_version", "Versions 2.0 and 2.1 are read"),
    ],
)  # fmt: skip
def test_a_broken_document_is_refused_with_the_place(document: Any, path: str, message: str) -> None:
    [(found, words)] = problems(document)
    assert (found, words[: len(message)]) == (path, message)


def test_what_is_of_no_known_form_is_told_which_versions_of_csaf_are_read() -> None:
    [(_, message)] = problems(b"{}")
    assert f"CSAF {' or '.join(csaf.VERSIONS)}, each as JSON, and CycloneDX as XML too" in message


def test_a_document_that_says_too_much_is_refused() -> None:
    products = [{"@id": f"pkg:npm/p{number}"} for number in range(stated.MOST_STATEMENTS // 10 + 1)]
    [(path, message)] = problems(openvex(*(not_affected(products=products) for _ in range(10))))
    assert (path, message[:45]) == ("statements[9]", "The document says more than 5,000 things, cou")


def test_a_file_that_is_too_large_is_not_looked_at() -> None:
    [(_, message)] = problems(b" " * (gathering.MAX_BYTES + 1))
    assert message.startswith("The file has 16 MiB; at most 16 MiB are read.")


@shared.needs("vex")
@for_each("name", REAL)
def test_real_documents_are_read_whole(name: str) -> None:
    document = reading.read((shared.ROOT / "vex/grype" / name).read_bytes())
    kept = sorted(one.status for one in document.statements)
    assert (document.form, kept, len(document.rejected)) == REAL[name]


@shared.needs("sbom/cyclonedx-spec")
def test_the_example_of_the_specification_is_read_in_each_of_its_versions() -> None:
    found = {
        version: the_only(reading.read(_example(version).read_bytes())) for version in ("1.4", "1.5", "1.6", "1.7")
    }
    assert {one.names for one in found.values()} == {("SNYK-JAVA-COMFASTERXMLJACKSONCORE-32111", "CVE-2018-7489")}
    assert {one.justification for one in found.values()} == {stated.Justification.CODE_NOT_IN_EXECUTE_PATH}


@shared.needs("sbom/cyclonedx-spec")
@for_each("version", ["1.4", "1.5", "1.6", "1.7"])
def test_the_example_says_the_same_in_xml_as_in_json(version: str) -> None:
    as_xml = reading.read(_example(version, form="xml").read_bytes())
    assert as_xml == reading.read(_example(version).read_bytes())


def _example(version: str, *, form: str = "json") -> Path:
    return shared.ROOT / f"sbom/cyclonedx-spec/{version}/valid-vulnerability-{version}.{form}"


def test_a_document_of_cyclonedx_in_xml_is_read_whole() -> None:
    affects = [
        {"ref": "qs", "versions": [{"version": "6.11.0", "status": "affected"}]},
        {"ref": "pkg:npm/qs", "versions": [{"version": "6.11.0"}, {"version": "6.10.0", "status": "unaffected"}]},
    ]
    analysis = {
        "state": "exploitable",
        "response": ["update"],
        "detail": "It is.",
        "firstIssued": "2026-03-01T09:30:00Z",
    }
    as_json = cyclonedx(analysis, affects=affects, recommendation="Update it.")
    as_json["metadata"] |= {
        "timestamp": "2026-03-02T09:30:00Z",
        "component": {"type": "application", "bom-ref": "server", "name": "server", "purl": PRODUCT},
    }
    found = reading.read(IN_XML.encode())

    assert found == read(as_json)
    assert [one.version for one in the_only(found).packages] == ["6.11.0"]


IN_XML = f"""<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1">
  <metadata>
    <timestamp>2026-03-02T09:30:00Z</timestamp>
    <component type="application" bom-ref="server"><name>server</name><purl>{PRODUCT}</purl></component>
    <supplier><name>Weather Works</name></supplier>
  </metadata>
  <components>
    <component type="library" bom-ref="qs"><name>qs</name><version>6.11.0</version><purl>{QS}</purl></component>
  </components>
  <vulnerabilities>
    <vulnerability>
      <id>CVE-2022-24999</id>
      <recommendation>Update it.</recommendation>
      <analysis>
        <state>exploitable</state>
        <responses><response>update</response></responses>
        <detail>It is.</detail>
        <firstIssued>2026-03-01T09:30:00Z</firstIssued>
      </analysis>
      <affects>
        <target>
          <ref>qs</ref>
          <versions><version><version>6.11.0</version><status>affected</status></version></versions>
        </target>
        <target>
          <ref>pkg:npm/qs</ref>
          <versions>
            <version><version>6.11.0</version></version>
            <version><version>6.10.0</version><status>unaffected</status></version>
          </versions>
        </target>
      </affects>
    </vulnerability>
  </vulnerabilities>
</bom>
"""


@for_each(
    "text, path, message",
    [
        (IN_XML.replace("bom/1.6", "bom/1.3"), "xmlns", "CycloneDX says so from 1.4 to 1.7 on; not '1.3'."),
        (IN_XML.replace("exploitable", "perhaps"), "line 16", ""),
        ("<rss/>", "", "The file is no VEX document of a known form."),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a/>', "line 1", "The file has a document type"),
    ],
    ids=lambda row: row[2] or row[1],
)
def test_xml_that_is_no_statement_is_refused_with_the_place(text: str, path: str, message: str) -> None:
    (found, words), *_ = problems(text.encode())
    assert (found, words[: len(message)]) == (path, message)


def csaf_of(vulnerability: dict[str, Any], *, products: Sequence[str] = ("qs",), groups: Any = ()) -> dict[str, Any]:
    """Return a document of CSAF about products that all are the same package."""
    named = [{"product_id": one, "product_identification_helper": {"purl": QS}} for one in products]
    return {
        "document": {"csaf_version": "2.0", "publisher": {"name": "Weather Works"}, "tracking": {"id": "W-1"}},
        "product_tree": {"full_product_names": named, "product_groups": list(groups)},
        "vulnerabilities": [{"cve": "CVE-2022-24999", **vulnerability}],
    }


@for_each(
    "status",
    [{}, {"known_affected": []}, {"recommended": ["qs"]}],
)
def test_a_vulnerability_that_is_said_of_no_product_is_rejected(status: dict[str, Any]) -> None:
    rejected = the_rejected(read(csaf_of({"product_status": status})))
    reason = "vulnerabilities[0].product_status: It names a vulnerability, and says nothing of products."
    assert rejected.reason == reason


def test_what_is_said_of_many_products_by_many_groups_is_read_in_little_time() -> None:
    """Gone through for each product, the lists of a document of 0.5 MB took 31 seconds, and one of 16 MB days."""
    products = [f"p{number}" for number in range(2_000)]
    groups = [{"group_id": "ours", "product_ids": [*products, *(f"x{one}" for one in range(8_000))]}]
    fix = {"details": "Take 6.11.1.", "group_ids": ["ours"] * 10_000}
    began = time.process_time()
    document = read(
        csaf_of(
            {"product_status": {"known_affected": products}, "remediations": [fix]}, products=products, groups=groups
        )
    )
    assert {one.action for one in document.statements} == {"Take 6.11.1."}
    assert time.process_time() - began < 10


def test_words_that_are_said_of_each_product_are_bounded() -> None:
    fixes = [{"details": f"{number} {'x' * 5_000}"} for number in range(3)]
    rejected = the_rejected(read(csaf_of({"product_status": {"known_affected": ["qs"]}, "remediations": fixes})))
    assert rejected.reason == "remediations: They say more than 10,000 characters of one product."


def test_how_severe_it_is_is_no_reason_why_something_is_not_affected() -> None:
    product = {"product_id": "qs", "product_identification_helper": {"purl": QS}}
    vulnerability = {
        "cve": "CVE-2022-24999",
        "product_status": {"known_not_affected": ["qs", "gone"], "known_affected": ["qs"]},
        "threats": [{"category": "impact", "details": "Moderate", "product_ids": ["qs"]}],
        "remediations": [{"category": "vendor_fix", "details": "Take 6.11.1."}],
    }
    document = read(
        {
            "document": {"csaf_version": "2.0", "publisher": {"name": "Weather Works"}, "tracking": {"id": "W-1"}},
            "product_tree": {"full_product_names": [product]},
            "vulnerabilities": [vulnerability],
        }
    )
    at = "vulnerabilities[0].product_status.known_not_affected"
    assert [one.reason for one in document.rejected] == [
        f"{at}: {stated.WITHOUT_GROUNDS}",
        f"{at}: The product 'gone' has no package URL in the tree of products.",
    ]
    assert [(one.status, one.action) for one in document.statements] == [("affected", "Take 6.11.1.")]


def test_what_is_said_of_a_group_is_said_of_each_product_in_it() -> None:
    flags = [
        {"label": "component_not_present", "group_ids": ["other"]},
        {"label": "vulnerable_code_not_present", "product_ids": ["other"], "group_ids": ["unknown", "ours"]},
    ]
    fixes = [{"details": "Take 6.11.1.", "group_ids": ["ours"]}, {"details": "Wait.", "group_ids": ["other"]}]
    document = read(
        {
            "document": {"csaf_version": "2.0", "publisher": {"name": "Weather Works"}, "tracking": {"id": "W-1"}},
            "product_tree": {
                "full_product_names": [{"product_id": "qs", "product_identification_helper": {"purl": QS}}],
                "product_groups": [{"group_id": "ours", "product_ids": ["x", "qs"]}, {"group_id": "other"}],
            },
            "vulnerabilities": [
                {"cve": "CVE-2022-24999", "product_status": {status: ["qs"]}, "flags": flags, "remediations": fixes}
                for status in ("known_not_affected", "known_affected")
            ],
        }
    )
    assert [(one.status, one.justification, one.action) for one in document.statements] == [
        ("not_affected", stated.Justification.CODE_NOT_PRESENT, ""), ("affected", None, "Take 6.11.1."),
    ]  # fmt: skip
    assert document.rejected == ()
