"""Reads SPDX 3.0 in JSON-LD: the packages of its graph, and how they hang together."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from composition.documents import licences, validation
from composition.documents.assembly import Assembly, Described
from composition.documents.opening import refuse
from composition.listing import Listing

SCHEMA = "spdx-3.schema.json"
Element = Mapping[str, Any]
_CONTEXT = re.compile(r"https?://spdx\.org/rdf/(3\.[0-9]+(?:\.[0-9]+)?)/")
_PACKAGES = {
    "software_Package": "library",
    "ai_AIPackage": "machine-learning-model",
    "dataset_DatasetPackage": "data",
}
_COLLECTIONS = frozenset({"SpdxDocument", "software_Sbom", "Bom", "Bundle"})
_RELATIONSHIPS = frozenset({"Relationship", "LifecycleScopedRelationship"})
_NEEDS = frozenset(
    {
        "dependsOn",
        "contains",
        "hasStaticLink",
        "hasDynamicLink",
        "hasPrerequisite",
        "hasOptionalDependency",
        "hasProvidedDependency",
    }
)
_TO_DEVELOP = frozenset({"design", "development", "build", "test"})
_DECLARED, _CONCLUDED = "hasDeclaredLicense", "hasConcludedLicense"
_TOOL = "usesTool"
_READ = _NEEDS | {_DECLARED, _CONCLUDED, _TOOL, "describes"}
KINDS = {
    "application": "application",
    "container": "container",
    "data": "data",
    "device": "device",
    "deviceDriver": "device-driver",
    "file": "file",
    "firmware": "firmware",
    "framework": "framework",
    "library": "library",
    "model": "machine-learning-model",
    "operatingSystem": "operating-system",
    "platform": "platform",
}
_LISTED_LICENCE = re.compile(r"https?://spdx\.org/licenses/([A-Za-z0-9.+-]+)")


def read(document: Mapping[str, Any]) -> Listing:
    """Return what an SPDX 3 document lists. Raises InventoryInvalid."""
    context = _CONTEXT.search(str(document.get("@context", "")))
    if context is None or not context[1].startswith("3.0"):
        reason = f"Version {context[1]} of SPDX is not known" if context else "No version of SPDX is named"
        refuse("@context", f"{reason}; 2.2, 2.3 and 3.0 are read. Ask for one of these.")
    validation.check_spdx(document, schema=SCHEMA)
    return _Graph(document["@graph"], Assembly(f"SPDX {context[1]}, JSON-LD")).listing()


class _Graph:
    """The elements of a document, by what they are."""

    def __init__(self, elements: Sequence[Element], assembly: Assembly) -> None:
        self.assembly = assembly
        self.elements = elements
        self.by_id: dict[str, Element] = {_id(one): one for one in elements if _id(one)}
        self.relations = [
            (f"@graph[{index}]", one) for index, one in enumerate(elements) if one["type"] in _RELATIONSHIPS
        ]
        self.texts: dict[str, str] = {}
        self.licences: dict[tuple[str, str], list[str]] = defaultdict(list)
        for _, one in self.relations:
            if one["relationshipType"] in {_DECLARED, _CONCLUDED}:
                self.licences[one["from"], one["relationshipType"]].extend(one["to"])

    def listing(self) -> Listing:
        """Return what the graph lists."""
        described = set(self._described())
        [subject] = described if len(described) == 1 else [""]
        for index, one in enumerate(self.elements):
            if one["type"] in _PACKAGES:
                component = self._component(one, f"@graph[{index}]")
                if component.ref == subject and self.assembly.itself is None:
                    self.assembly.describe(component)
                else:
                    self.assembly.add(component)
        if self.assembly.itself is None:
            for ref in sorted(described & self.assembly.refs):
                self.assembly.need(None, ref, path="rootElement")
        self._relate()
        self._remark_the_rest()
        return self.assembly.listing(subject=self._name())

    def _described(self) -> Iterator[str]:
        """Yield the elements that the documents, and the SBOMs in them, are about."""
        waiting = [_id(one) for one in self.elements if one["type"] == "SpdxDocument"]
        waiting = waiting or [_id(one) for one in self.elements if one["type"] in _COLLECTIONS]
        about: dict[str, list[str]] = defaultdict(list)
        for _, one in self.relations:
            if one["relationshipType"] == "describes":
                about[one["from"]].extend(one["to"])
        seen = set(waiting)
        while waiting:
            here = waiting.pop()
            element = self.by_id.get(here, {})
            if element.get("type") not in _COLLECTIONS:
                yield here
                continue
            further = {*element.get("rootElement", ()), *about[here]} - seen
            seen |= further
            waiting.extend(further)

    def _component(self, package: Element, path: str) -> Described:
        purls = [package["software_packageUrl"]] if "software_packageUrl" in package else []
        purls += [
            one["identifier"]
            for one in self._all(package.get("externalIdentifier", ()))
            if one.get("type", "ExternalIdentifier") == "ExternalIdentifier"
            and one["externalIdentifierType"] == "packageUrl"
            and one["identifier"] not in purls
        ]
        if purls[1:]:
            self.assembly.remark("Of several package URLs the first is taken", path)
        ref = package["spdxId"]
        return Described(
            path=path,
            ref=ref,
            name=package["name"],
            version=package.get("software_packageVersion", ""),
            purl=purls[0] if purls else "",
            declared=[self._licence(one, path) for one in self.licences[ref, _DECLARED]],
            concluded=[self._licence(one, path) for one in self.licences[ref, _CONCLUDED]],
            checksums=[
                (one["algorithm"], one["hashValue"])
                for one in self._all(package.get("verifiedUsing", ()))
                if one.get("type") == "Hash"
            ],
            kind=KINDS.get(package.get("software_primaryPurpose", ""), _PACKAGES[package["type"]]),
        )

    def _all(self, written: Sequence[Element | str]) -> Iterator[Element]:
        """Yield what stands in a list itself, or is named there."""
        for one in written:
            if not isinstance(one, str):
                yield one
            elif one in self.by_id:
                yield self.by_id[one]

    def _licence(self, ref: str, path: str) -> str:
        # Worked out once: every package may name one set of thousands.
        if ref not in self.texts:
            self.texts[ref] = self._text_of_licence(ref, path)
        return self.texts[ref]

    def _text_of_licence(self, ref: str, path: str) -> str:
        element = self.by_id.get(ref, {})
        if element.get("type", "").endswith("LicenseSet"):
            # Sets in sets are called by their names: a document may make a circle of them.
            members = [self._one_licence(one, path) for one in element.get("expandedlicensing_member", ())]
            joined = " AND " if element["type"].endswith("ConjunctiveLicenseSet") else " OR "
            return joined.join(f"({one})" if " " in one else one for one in members)
        return self._one_licence(ref, path)

    def _one_licence(self, ref: str, path: str) -> str:
        element = self.by_id.get(ref, {})
        if "simplelicensing_licenseExpression" in element:
            return str(element["simplelicensing_licenseExpression"])
        if listed := _LISTED_LICENCE.fullmatch(ref):
            return listed[1]
        if ref.endswith(("NoAssertion", "NoAssertionLicense")):
            return ""
        if ref.endswith(("None", "NoneLicense")):
            return licences.NONE
        if not element.get("name"):
            self.assembly.remark("Licences without a name are called by their reference", path)
        return str(element.get("name") or ref)

    def _relate(self) -> None:
        to_run: set[str] = set()
        to_develop: set[str] = set()
        for path, one in self.relations:
            if one["relationshipType"] == _TOOL and one.get("scope") in _TO_DEVELOP:
                to_develop.update(one["to"])
            if one["relationshipType"] not in _NEEDS:
                continue
            for needed in one["to"]:
                self._need(one, needed, path)
            if one["relationshipType"] != "contains":
                (to_develop if one.get("scope") in _TO_DEVELOP else to_run).update(one["to"])
        self.assembly.mark_development((to_develop - to_run) & self.assembly.refs)

    def _need(self, relation: Element, needed: str, path: str) -> None:
        whole, part = (self.by_id.get(one, {}).get("type") for one in (relation["from"], needed))
        # What is named and not there may be a package; a document, or an SBOM, stands for what it is of.
        if part not in {None, *_PACKAGES} or whole not in {None, *_PACKAGES, *_COLLECTIONS}:
            return
        relate = self.assembly.contain if relation["relationshipType"] == "contains" else self.assembly.need
        relate(None if whole in _COLLECTIONS else relation["from"], needed, path=path)

    def _remark_the_rest(self) -> None:
        skipped = Counter(one["relationshipType"] for _, one in self.relations if one["relationshipType"] not in _READ)
        for kind, count in skipped.items():
            self.assembly.remark("Relationships that say nothing of what is needed are not read", f"{kind} ({count:,})")
        if files := sum(one["type"] == "software_File" for one in self.elements):
            self.assembly.remark("Not read, as it lists no components", f"files ({files:,})")

    def _name(self) -> str:
        return next((one["name"] for one in self.elements if one["type"] in _COLLECTIONS and one.get("name")), "")


def _id(element: Element) -> str:
    return str(element.get("spdxId") or element.get("@id") or "")
