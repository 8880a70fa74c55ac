"""Writes an inventory as SPDX 3.0 in JSON-LD: a graph of packages, licences, and relationships between them."""

from collections.abc import Iterator, Sequence
from typing import Any

from composition.documents import licences, spdx3
from composition.documents.made import Made
from composition.listing import Listed, Listing
from composition.packages import purls

_CREATION = "_:creation"
_CONTEXT = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld"
_PURPOSES = {kind: purpose for purpose, kind in spdx3.KINDS.items()}
_NONE = "expandedlicensing_NoneLicense"
_CC0 = "https://spdx.org/licenses/CC0-1.0"
Element = dict[str, Any]


def as_spdx3(listing: Listing, *, subject: Listed, made: Made) -> dict[str, Any]:
    """Return an inventory of `subject` as a document of SPDX 3.0; what it refers to is numbered anew."""
    return {"@context": _CONTEXT, "@graph": list(_Graph(listing, subject, made).elements())}


def name_and_version(one: Listed) -> tuple[str, str]:
    """Return what SPDX calls a package: of a distribution what is installed; advisories name its source."""
    if not one.purl:
        return one.name, one.version
    purl = purls.read(one.purl)
    return one.name if one.name.endswith(purl.name) else purl.name, purl.version or one.version


class _Graph:
    """The elements of one document."""

    def __init__(self, listing: Listing, subject: Listed, made: Made) -> None:
        self._listing, self._subject, self._made = listing, subject, made
        self._base = f"urn:uuid:{made.number}#"
        self._ids = {one.ref: f"{self._base}package-{number}" for number, one in enumerate(listing.components, start=1)}
        self._licences: dict[str, str] = {}
        self._relationships = 0

    def elements(self) -> Iterator[Element]:
        """Yield all of them."""
        agent = self._element("SoftwareAgent", "tool", name=f"{self._made.tool} {self._made.tool_version}")
        yield {
            "type": "CreationInfo",
            "@id": _CREATION,
            "specVersion": "3.0.1",
            "created": self._made.instant,
            "createdBy": [agent["spdxId"]],
        }
        yield agent
        packages = [
            self._package(self._subject, f"{self._base}subject"),
            *(self._package(one, self._ids[one.ref]) for one in self._listing.components),
        ]
        further = [*self._licensed(), *self._related()]
        elements = [*packages, *self._named_licences(), *further]
        yield from self._about([one["spdxId"] for one in elements])
        yield from elements

    def _about(self, elements: Sequence[str]) -> Iterator[Element]:
        profiles = ["core", "software", "simpleLicensing", "expandedLicensing"]
        sbom = self._element(
            "software_Sbom", "sbom", rootElement=[f"{self._base}subject"], element=elements, profileConformance=profiles
        )
        yield self._element(
            "SpdxDocument",
            "document",
            name=f"{self._subject.name} {self._subject.version}".rstrip(),
            dataLicense=_CC0,
            rootElement=[sbom["spdxId"]],
            profileConformance=profiles,
        )
        yield sbom

    def _element(self, kind: str, key: str, **properties: Any) -> Element:
        return {"type": kind, "spdxId": f"{self._base}{key}", "creationInfo": _CREATION, **properties}

    def _package(self, one: Listed, key: str) -> Element:
        name, version = name_and_version(one)
        written: Element = {"type": "software_Package", "spdxId": key, "creationInfo": _CREATION, "name": name}
        if version:
            written["software_packageVersion"] = version
        if one.purl:
            written["software_packageUrl"] = one.purl
        if one.kind in _PURPOSES:
            written["software_primaryPurpose"] = _PURPOSES[one.kind]
        if one.digests:
            written["verifiedUsing"] = [
                {"type": "Hash", "algorithm": each.algorithm, "hashValue": each.value} for each in sorted(one.digests)
            ]
        return written

    def _licensed(self) -> Iterator[Element]:
        named = (
            (f"{self._base}subject", self._subject),
            *((self._ids[one.ref], one) for one in self._listing.components),
        )
        for key, one in named:
            for kind, texts in (
                ("hasDeclaredLicense", one.licences),
                ("hasConcludedLicense", one.concluded_licences),
            ):
                if texts:
                    yield self._relationship(key, kind, [self._licence(text) for text in texts])

    def _licence(self, text: str) -> str:
        if text == licences.NONE:
            return _NONE
        return self._licences.setdefault(text, f"{self._base}licence-{len(self._licences) + 1}")

    def _named_licences(self) -> Iterator[Element]:
        """Yield the licences that packages have: as expressions, or as what they are called."""
        for text in self._licences:
            name = self._licences[text].removeprefix(self._base)
            if licences.is_expression(text):
                yield self._element("simplelicensing_LicenseExpression", name, simplelicensing_licenseExpression=text)
            else:
                yield self._element(
                    "expandedlicensing_CustomLicense", name, name=text, simplelicensing_licenseText=text
                )

    def _related(self) -> Iterator[Element]:
        development = {one.ref for one in self._listing.components if one.is_development}
        subject, linked = f"{self._base}subject", set[str]()
        roots = self._listing.roots
        if self._listing.has_all_roots is False and roots:
            # Others may be among what it needs itself: these are but parts of it.
            yield self._relationship(subject, "contains", [self._ids[ref] for ref in roots])
            roots = ()
        for key, needed in ((subject, roots), *((self._ids[by], refs) for by, refs in self._listing.requires.items())):
            linked.update(development.intersection(needed))
            yield from self._needs(key, needed, development)
        if tools := sorted(development - linked):
            yield self._to_develop(subject, "usesTool", [self._ids[ref] for ref in tools])

    def _needs(self, key: str, needed: Sequence[str], development: set[str]) -> Iterator[Element]:
        to_run = [self._ids[ref] for ref in needed if ref not in development]
        to_develop = [self._ids[ref] for ref in needed if ref in development]
        if to_run:
            yield self._relationship(key, "dependsOn", to_run)
        if to_develop:
            yield self._to_develop(key, "dependsOn", to_develop)

    def _to_develop(self, key: str, kind: str, to: Sequence[str]) -> Element:
        return self._relationship(key, kind, to) | {"type": "LifecycleScopedRelationship", "scope": "development"}

    def _relationship(self, key: str, kind: str, to: Sequence[str]) -> Element:
        self._relationships += 1
        name = f"relationship-{self._relationships}"
        return self._element("Relationship", name, **{"from": key, "relationshipType": kind, "to": list(to)})
