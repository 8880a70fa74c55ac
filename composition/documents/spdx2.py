"""Reads SPDX 2.2 and 2.3 in the shape of its JSON: packages, and how they hang together."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from composition.documents import licences, validation
from composition.documents.assembly import Assembly, Described
from composition.documents.opening import refuse
from composition.listing import Listing

VERSIONS = ("SPDX-2.2", "SPDX-2.3")
SCHEMA = "spdx-2.schema.json"
# Of two elements, in the order in which they stand, the first needs the second ...
_NEEDS = frozenset({"DEPENDS_ON", "HAS_PREREQUISITE", "STATIC_LINK", "DYNAMIC_LINK"})
# ... or the second the first.
_NEEDED_BY = frozenset(
    {
        "DEPENDENCY_OF",
        "PREREQUISITE_FOR",
        "RUNTIME_DEPENDENCY_OF",
        "OPTIONAL_DEPENDENCY_OF",
        "PROVIDED_DEPENDENCY_OF",
    }
)
# Also of parts, in either direction.
_CONTAINS, _PART_OF = frozenset({"CONTAINS"}), frozenset({"CONTAINED_BY", "PACKAGE_OF"})
_NEEDED_TO_DEVELOP = frozenset({"DEV_DEPENDENCY_OF", "TEST_DEPENDENCY_OF", "BUILD_DEPENDENCY_OF"})
# Tools are nothing that a subject is built from; they serve to develop it all the same.
_SERVES_TO_DEVELOP = frozenset({"DEV_TOOL_OF", "TEST_TOOL_OF", "BUILD_TOOL_OF"})
# The one without its "S" is of old documents of Trivy.
_DESCRIBES = frozenset({"DESCRIBES", "DESCRIBE"})
_DESCRIBED_BY = "DESCRIBED_BY"
_NOTHING = frozenset({"NONE", "NOASSERTION"})
# What SPDX calls the purposes of packages, and CycloneDX the types of components.
KINDS = {
    "APPLICATION": "application",
    "FRAMEWORK": "framework",
    "LIBRARY": "library",
    "CONTAINER": "container",
    "OPERATING_SYSTEM": "operating-system",
    "DEVICE": "device",
    "FIRMWARE": "firmware",
    "FILE": "file",
}


class _Relation(NamedTuple):
    """That one element needs another, in which way, and where the document says so."""

    path: str
    needs: str
    needed: str
    kind: str

    @property
    def is_development(self) -> bool:
        """Return whether it is needed to develop alone."""
        return self.kind in _NEEDED_TO_DEVELOP


def read(document: Mapping[str, Any], *, written_as: str) -> Listing:
    """Return what an SPDX document lists. Raises InventoryInvalid."""
    version = document.get("spdxVersion")
    if version not in VERSIONS:
        refuse(
            "spdxVersion",
            f"Version {version!a:.20} of SPDX is not known; 2.2, 2.3 and 3.0 are read. Ask for one of these.",
        )
    validation.check_spdx(document, schema=SCHEMA)
    assembly = Assembly(f"SPDX {version.removeprefix('SPDX-')}, {written_as}")
    subject = _add_packages(assembly, document)
    _relate(assembly, document, subject)
    if files := document.get("files"):
        assembly.remark("Not read, as it lists no components", f"files ({len(files):,})")
    return assembly.listing(subject=document["name"])


def _add_packages(assembly: Assembly, document: Mapping[str, Any]) -> str:
    """Add the packages, and return the id of the one that all is about, empty where there is none such."""
    packages = document.get("packages", ())
    described = _described_elements(document)
    [subject] = described if len(described) == 1 else [""]
    own = {one["licenseId"]: one.get("name", "") for one in document.get("hasExtractedLicensingInfos", ())}
    for index, package in enumerate(packages):
        one = _described(assembly, package, f"packages[{index}]", own)
        if one.ref == subject and assembly.itself is None:
            assembly.describe(one)
        else:
            assembly.add(one)
    if assembly.itself is None:
        for ref in described & assembly.refs:
            assembly.need(None, ref, path="documentDescribes")
    return subject if assembly.itself else ""


def _described(assembly: Assembly, package: Mapping[str, Any], path: str, own: Mapping[str, str]) -> Described:
    purls = [one["referenceLocator"] for one in package.get("externalRefs", ()) if _is_purl(one["referenceType"])]
    if "downloadLocation" not in package:
        # Trivy left it out for years; nothing is read of it.
        assembly.remark("No downloadLocation, which SPDX requires", path)
    if purls[1:]:
        assembly.remark("Of several package URLs the first is taken", path)
    return Described(
        path=path,
        ref=package["SPDXID"],
        name=package["name"],
        version=package.get("versionInfo", ""),
        purl=purls[0] if purls else "",
        declared=_licences(package.get("licenseDeclared", ""), own),
        concluded=_licences(package.get("licenseConcluded", ""), own),
        checksums=[(one["algorithm"], one["checksumValue"]) for one in package.get("checksums", ())],
        kind=KINDS.get(package.get("primaryPackagePurpose", "").upper().replace("-", "_"), "library"),
    )


def _is_purl(kind: str) -> bool:
    return kind.lower().rpartition("/")[2] == "purl"


def _licences(expression: str, own: Mapping[str, str]) -> list[str]:
    """Return the licences of an expression, those of the document's own by their names where they have one."""
    terms = licences.terms(expression)
    return [name if (name := own.get(one, "")) not in {"", "NOASSERTION"} else one for one in terms]


def _described_elements(document: Mapping[str, Any]) -> set[str]:
    found = set(document.get("documentDescribes", ()))
    for one in document.get("relationships", ()):
        kind = one["relationshipType"].upper()
        if kind in _DESCRIBES and one["spdxElementId"] == document["SPDXID"]:
            found.add(one["relatedSpdxElement"])
        elif kind == _DESCRIBED_BY and one["relatedSpdxElement"] == document["SPDXID"]:
            found.add(one["spdxElementId"])
    return found


def _relate(assembly: Assembly, document: Mapping[str, Any], subject: str) -> None:
    no_packages = _NOTHING | {one["SPDXID"] for name in ("files", "snippets") for one in document.get(name, ())}
    stands_for_all = {document["SPDXID"], subject}
    relations = list(_relations(assembly, document.get("relationships", ())))
    for one in relations:
        if one.needs in no_packages or one.needed in no_packages:
            continue
        relate = assembly.contain if one.kind in _CONTAINS | _PART_OF else assembly.need
        relate(None if one.needs in stands_for_all else one.needs, one.needed, path=one.path)
    to_run = {one.needed for one in relations if one.kind in _NEEDS | _NEEDED_BY}
    to_develop = {one.needed for one in relations if one.is_development} | set(_tools(document))
    assembly.mark_development((to_develop - to_run) & assembly.refs)


def _tools(document: Mapping[str, Any]) -> Iterator[str]:
    for one in document.get("relationships", ()):
        if one["relationshipType"].upper() in _SERVES_TO_DEVELOP:
            yield one["spdxElementId"]


def _relations(assembly: Assembly, relationships: Sequence[Mapping[str, str]]) -> Iterator[_Relation]:
    skipped: Counter[str] = Counter()
    for index, one in enumerate(relationships):
        first, kind, second = one["spdxElementId"], one["relationshipType"].upper(), one["relatedSpdxElement"]
        path = f"relationships[{index}]"
        if kind in _NEEDS | _CONTAINS:
            yield _Relation(path, first, second, kind)
        elif kind in _NEEDED_BY | _NEEDED_TO_DEVELOP | _PART_OF:
            yield _Relation(path, second, first, kind)
        elif kind not in _DESCRIBES | _SERVES_TO_DEVELOP | {_DESCRIBED_BY}:
            skipped[kind] += 1
    for kind, count in skipped.items():
        assembly.remark("Relationships that say nothing of what is needed are not read", f"{kind} ({count:,})")
