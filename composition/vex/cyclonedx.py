"""Reads CycloneDX: what the analyses of its vulnerabilities say, in an inventory or in a document of their own.

Its nine justifications are told by the five words that the other forms have; what gets lost is kept in words.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from composition.advisories.osv_fields import RecordInvalid
from composition.documents import cyclonedx_xml as inventory_xml
from composition.documents import validation
from composition.documents.opening import InventoryInvalid
from composition.packages import purls
from composition.vex import cyclonedx_xml, gathering, stated
from composition.vex.gathering import VexInvalid
from composition.vex.stated import Document, Justification, Package, Stated, Status

VERSIONS = ("1.4", "1.5", "1.6", "1.7")
_STATES = {
    "resolved": Status.FIXED,
    "resolved_with_pedigree": Status.FIXED,
    "exploitable": Status.AFFECTED,
    "in_triage": Status.UNDER_INVESTIGATION,
    "false_positive": Status.NOT_AFFECTED,
    "not_affected": Status.NOT_AFFECTED,
}
# Each of the five words has one that says the same; of the others the meaning is kept in words.
SAME = {
    Justification.COMPONENT_NOT_PRESENT: "requires_dependency",
    Justification.CODE_NOT_PRESENT: "code_not_present",
    Justification.CODE_NOT_IN_EXECUTE_PATH: "code_not_reachable",
    Justification.NOT_CONTROLLED_BY_ADVERSARY: "requires_environment",
    Justification.MITIGATED: "protected_by_mitigating_control",
}
_SAME = {word: justification for justification, word in SAME.items()}
_NEAR = {
    "requires_configuration": (Justification.NOT_CONTROLLED_BY_ADVERSARY, "It takes a configuration that is not set."),
    "protected_by_compiler": (Justification.MITIGATED, "What the compiler was told protects it."),
    "protected_at_runtime": (Justification.MITIGATED, "It is prevented when it runs."),
    "protected_at_perimeter": (Justification.MITIGATED, "It is blocked at the perimeter."),
}
_RESPONSES = {
    "can_not_fix": "The vendor cannot fix it.",
    "will_not_fix": "The vendor will not fix it.",
    "update": "Update to another version.",
    "rollback": "Go back to an earlier version.",
    "workaround_available": "There is a workaround.",
}
_FALSE_POSITIVE = "It was found by mistake."
_FITTING = {Status.NOT_AFFECTED: "unaffected", Status.FIXED: "unaffected"}


def is_one(document: Mapping[str, Any]) -> bool:
    """Return whether a document says that it is CycloneDX."""
    return "bomFormat" in document or "specVersion" in document


def read(document: Mapping[str, Any]) -> Document:
    """Return what the analyses in a document say. Raises VexInvalid."""
    version = _known(document.get("specVersion"), "specVersion")
    try:
        validation.check_cyclonedx_json(document, version=version)
    except InventoryInvalid as error:
        raise VexInvalid(error.problems) from error
    return _document(document, version)


def read_xml(root: Any) -> Document:
    """Return what the analyses in a document in XML say. Raises VexInvalid."""
    version = _known(inventory_xml.version(root), "xmlns")
    try:
        validation.check_cyclonedx_xml(root, version=version)
    except InventoryInvalid as error:
        raise VexInvalid(error.problems) from error
    return _document(cyclonedx_xml.in_shape_of_json(root, version=version), version)


def _known(version: Any, place: str) -> str:
    if version not in VERSIONS:
        reason = f"CycloneDX says so from {VERSIONS[0]} to {VERSIONS[-1]} on; not {version!a:.20}."
        raise gathering.refuse(place, reason)
    return str(version)


def _document(document: Mapping[str, Any], version: str) -> Document:
    entries = document.get("vulnerabilities") or []
    if not entries:
        raise gathering.refuse("vulnerabilities", "The document says nothing of any vulnerability. Give one that does.")
    reader = _Reader(document)
    statements, rejected = gathering.gather(
        ((f"vulnerabilities[{index}]", entry) for index, entry in enumerate(entries)),
        reader.read,
        name=lambda entry: entry.get("id"),
    )
    author = _author(document.get("metadata", {}))
    return Document(
        form=f"CycloneDX {version}",
        name=document.get("serialNumber", ""),
        author=author,
        version=gathering.number(document.get("version", 1)),
        issued_at=gathering.of_document(
            lambda: gathering.moment(document.get("metadata", {}), "timestamp", "metadata")
        ),
        statements=statements,
        rejected=rejected,
        remarks=() if author else ("It does not say whose word it is (metadata.authors, supplier or manufacturer).",),
    )


def _author(metadata: Mapping[str, Any]) -> str:
    people = [one.get("name", "") for one in metadata.get("authors", ())]
    firms = [metadata.get(key, {}).get("name", "") for key in ("supplier", "manufacturer", "manufacture")]
    return next((name.strip()[:300] for name in (*firms, *people) if name.strip()), "")


class _Reader:
    """Reads the vulnerabilities of one document, which refer to its components."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        subject = document.get("metadata", {}).get("component")
        self._purls = dict(_by_ref([subject] if subject else []))
        self._subject = (subject or {}).get("bom-ref", "")
        self._within = (subject or {}).get("purl", "")
        self._purls |= dict(_by_ref(document.get("components", ())))

    def read(self, entry: Mapping[str, Any], place: str) -> Iterator[Stated]:
        """Yield the statement that an analysis makes. Raises RecordInvalid."""
        analysis = entry.get("analysis", {})
        if "state" not in analysis:
            raise RecordInvalid(f"{place}.analysis.state: It names a vulnerability, and says nothing of it.")
        status = _STATES[analysis["state"]]
        justification, words = _why(analysis)
        details = " ".join(filter(None, (words, gathering.text(analysis, "detail", f"{place}.analysis"))))
        is_fine = status is Status.NOT_AFFECTED
        references = [one.get("id") for one in entry.get("references", ())]
        yield Stated(
            place=place,
            names=stated.names([entry.get("id"), *references], f"{place}.id"),
            packages=tuple(dict.fromkeys(self._packages(entry, status, place))),
            status=status,
            justification=justification if is_fine else None,
            impact=details if is_fine else "",
            action=_action(entry, analysis, place),
            notes="" if is_fine else details,
            stated_at=gathering.moment(analysis, "firstIssued", f"{place}.analysis"),
            changed_at=gathering.moment(analysis, "lastUpdated", f"{place}.analysis"),
        )

    def _packages(self, entry: Mapping[str, Any], status: Status, place: str) -> Iterator[Package]:
        for index, affected in enumerate(entry.get("affects", ())):
            at = f"{place}.affects[{index}]"
            ref = affected["ref"]
            within = "" if ref == self._subject else self._within
            found = stated.package(self._purl(ref, f"{at}.ref"), f"{at}.ref", within=within)
            if found.version or not affected.get("versions"):
                yield found
            else:
                yield from _in_versions(found, affected["versions"], status, f"{at}.versions")

    def _purl(self, ref: str, at: str) -> str:
        # A BOM-Link names a component of another document by its ref there, which most tools take from its purl.
        linked = unquote(ref.partition("#")[2]) if ref.startswith("urn:cdx:") else ref
        found = self._purls.get(ref) or linked
        if not found.startswith("pkg:"):
            raise RecordInvalid(
                f"{at}: {ascii(ref)[:80]} is no component of this document with a package URL. Give the inventory in"
                " the same document, or refer to the component by its package URL."
            )
        return found


def _by_ref(components: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for one in components:
        if one.get("bom-ref") and one.get("purl"):
            yield one["bom-ref"], one["purl"]
        yield from _by_ref(one.get("components", ()))


def _in_versions(package: Package, versions: Iterable[Mapping[str, str]], status: Status, at: str) -> Iterator[Package]:
    """Yield the package in the single versions of which the status is said; a range says nothing that can be used."""
    wanted = _FITTING.get(status, "affected")
    fitting = [one for one in versions if one.get("status", "affected") == wanted]
    if any("range" in one for one in fitting) or not fitting:
        raise RecordInvalid(
            f"{at}: It names no single versions that are {wanted}. Name each, or the component with its version."
        )
    for one in fitting:
        purl = purls.write(purls.read(package.purl)._replace(version=one["version"]))
        yield stated.package(purl, at, within=package.within)


def _why(analysis: Mapping[str, Any]) -> tuple[Justification | None, str]:
    given = analysis.get("justification", "")
    near, words = _NEAR.get(given, (_SAME.get(given), ""))
    if analysis["state"] == "false_positive" and analysis.get("detail"):
        words = _FALSE_POSITIVE
    return near, words


def _action(entry: Mapping[str, Any], analysis: Mapping[str, Any], place: str) -> str:
    parts = [gathering.text(entry, key, place) for key in ("recommendation", "workaround")]
    parts += [_RESPONSES[one] for one in analysis.get("response", ())]
    return " ".join(filter(None, parts))
