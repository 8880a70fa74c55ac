"""Writes an inventory as CycloneDX 1.6, SPDX 2.3 and SPDX 3.0, all in JSON, so that it reads back as what it was."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from composition.documents import licences, spdx2, spdx3_writing
from composition.documents.made import Made
from composition.listing import Listed, Listing
from composition.packages import purls

_SPDX_ID = re.compile(r"SPDXRef-[A-Za-z0-9.-]+")
_DOCUMENT = "SPDXRef-DOCUMENT"
_PURPOSES = {kind: purpose for purpose, kind in spdx2.KINDS.items()}
_UNSAID = "NOASSERTION"


def as_cyclonedx(listing: Listing, *, subject: Listed, made: Made) -> dict[str, Any]:
    """Return an inventory of `subject` as a document of CycloneDX 1.6."""
    ref = _unused(subject.ref, {one.ref for one in listing.components})
    needs = {ref: listing.roots, **listing.requires} if listing.roots else listing.requires
    document: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{made.number}",
        "version": 1,
        "metadata": {
            "timestamp": made.instant,
            "tools": {"components": [{"type": "application", "name": made.tool, "version": made.tool_version}]},
            "component": _component(subject, ref),
        },
        "components": [_component(one, one.ref) for one in listing.components],
        "dependencies": [{"ref": one, "dependsOn": list(needed)} for one, needed in needs.items()],
    }
    if listing.has_all_roots is not None:
        aggregate = "complete" if listing.has_all_roots else "incomplete"
        document["compositions"] = [{"aggregate": aggregate, "dependencies": [ref]}]
    return document


def as_spdx(listing: Listing, *, subject: Listed, made: Made) -> dict[str, Any]:
    """Return an inventory of `subject` as a document of SPDX 2.3; references that SPDX does not allow are numbered."""
    ids = _spdx_ids(listing, subject)
    named = _NamedLicences(listing)
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": _DOCUMENT,
        "name": f"{subject.name} {subject.version}".rstrip(),
        "documentNamespace": f"urn:uuid:{made.number}",
        "creationInfo": {"created": made.instant, "creators": [f"Tool: {made.tool}-{made.tool_version}"]},
        "packages": [
            _package(subject, ids[""], named),
            *(_package(one, ids[one.ref], named) for one in listing.components),
        ],
        "relationships": list(_relationships(listing, ids)),
        "hasExtractedLicensingInfos": named.explained(),
    }


# By the word for it in addresses: what a file of it is called, and what makes it.
FORMS: Mapping[str, tuple[str, Callable[..., dict[str, Any]]]] = {
    "cyclonedx": ("cdx.json", as_cyclonedx),
    "spdx": ("spdx.json", as_spdx),
    "spdx3": ("spdx3.json", spdx3_writing.as_spdx3),
}


def _component(one: Listed, ref: str) -> dict[str, Any]:
    written: dict[str, Any] = {"type": one.kind, "bom-ref": ref, "name": one.name}
    version = one.version
    if one.purl:
        purl = purls.read(one.purl)
        version = purl.version or version
        written |= {"name": purl.name, "purl": one.purl}
        if purl.namespace:
            written["group"] = purl.namespace
    if version:
        written["version"] = version
    if one.is_development:
        written["scope"] = "excluded"
    if one.digests:
        digests = sorted(one.digests)
        written["hashes"] = [{"alg": f"SHA-{each.algorithm[3:]}", "content": each.value} for each in digests]
    if one.licences or one.concluded_licences:
        written["licenses"] = _cyclonedx_licences(one)
    return written


def _cyclonedx_licences(one: Listed) -> list[dict[str, Any]]:
    """Return licences as CycloneDX has them: several, or one expression."""
    found: list[tuple[str, dict[str, str]]] = [(text, {}) for text in one.licences]
    found += [(text, {"acknowledgement": "concluded"}) for text in one.concluded_licences]
    if len(found) == 1 and licences.is_expression(found[0][0]) and not licences.is_listed(found[0][0]):
        return [{"expression": found[0][0]} | found[0][1]]
    return [
        {"license": {"id" if licences.is_listed(text) else "name": text} | acknowledgement}
        for text, acknowledgement in found
    ]


class _NamedLicences:
    """Licences without an identifier, which an SPDX document explains itself."""

    def __init__(self, listing: Listing) -> None:
        self._ids: dict[str, str] = {}
        self._own: dict[str, None] = {}
        components = listing.components
        self._taken = {own for one in components for text in _both(one) for own in licences.own_of(text)}

    def expression(self, texts: tuple[str, ...]) -> str:
        """Return one expression of all of these, NOASSERTION for none."""
        if texts == (licences.NONE,):
            return licences.NONE
        return licences.expression(map(self._term, texts)) or _UNSAID

    def explained(self) -> list[dict[str, str]]:
        """Return what the document says of identifiers of its own."""
        unknown = [{"licenseId": own, "extractedText": "The text was not in the inventory."} for own in self._own]
        return unknown + [{"licenseId": own, "name": name, "extractedText": name} for name, own in self._ids.items()]

    def _term(self, text: str) -> str:
        if licences.is_expression(text):
            self._own |= dict.fromkeys(licences.own_of(text))
            return text
        if text not in self._ids:
            self._ids[text] = _unused(f"LicenseRef-{len(self._ids) + 1}", self._taken)
            self._taken.add(self._ids[text])
        return self._ids[text]


def _both(one: Listed) -> tuple[str, ...]:
    return one.licences + one.concluded_licences


def _package(one: Listed, ref: str, named: _NamedLicences) -> dict[str, Any]:
    name, version = spdx3_writing.name_and_version(one)
    written: dict[str, Any] = {"SPDXID": ref, "downloadLocation": _UNSAID, "filesAnalyzed": False}
    if one.purl:
        locator = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": one.purl}
        written["externalRefs"] = [locator]
    if version:
        written["versionInfo"] = version
    if one.digests:
        digests = sorted(one.digests)
        written["checksums"] = [{"algorithm": each.algorithm.upper(), "checksumValue": each.value} for each in digests]
    if one.kind in _PURPOSES:
        written["primaryPackagePurpose"] = _PURPOSES[one.kind]
    return written | {
        "name": name,
        "licenseDeclared": named.expression(one.licences),
        "licenseConcluded": named.expression(one.concluded_licences),
        "copyrightText": _UNSAID,
    }


def _spdx_ids(listing: Listing, subject: Listed) -> dict[str, str]:
    """Return the identifiers of the components by their references, that of the subject by none."""
    kept = {one.ref for one in listing.components if _SPDX_ID.fullmatch(one.ref)} - {_DOCUMENT}
    ids = {ref: ref for ref in kept}
    taken = kept | {_DOCUMENT}
    for number, one in enumerate(listing.components, start=1):
        if one.ref not in ids:
            ids[one.ref] = _unused(f"SPDXRef-{number}", taken)
            taken.add(ids[one.ref])
    return ids | {"": _unused(subject.ref if _SPDX_ID.fullmatch(subject.ref) else "SPDXRef-Subject", taken)}


def _relationships(listing: Listing, ids: Mapping[str, str]) -> Iterator[dict[str, str]]:
    yield _relationship(_DOCUMENT, "DESCRIBES", ids[""])
    development = {one.ref for one in listing.components if one.is_development}
    linked: set[str] = set()
    for by, refs in (("", listing.roots), *listing.requires.items()):
        for ref in refs:
            if by == "" and listing.has_all_roots is False:
                # Others may be among what it needs itself: these are but parts of it.
                yield _relationship(ids[by], "CONTAINS", ids[ref])
            elif ref in development:
                linked.add(ref)
                yield _relationship(ids[ref], "DEV_DEPENDENCY_OF", ids[by])
            else:
                yield _relationship(ids[by], "DEPENDS_ON", ids[ref])
    for ref in sorted(development - linked):
        yield _relationship(ids[ref], "DEV_TOOL_OF", ids[""])


def _relationship(first: str, kind: str, second: str) -> dict[str, str]:
    return {"spdxElementId": first, "relationshipType": kind, "relatedSpdxElement": second}


def _unused(name: str, taken: set[str]) -> str:
    """Return a name, with dashes behind it where it is taken."""
    while name in taken:
        name += "-"
    return name
