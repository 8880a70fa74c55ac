"""The door to inventories: tells by its content what form a document has, a lock file by its name, and reads it."""

import re
from collections.abc import Iterator
from typing import Any

from composition import locks
from composition.documents import cyclonedx, opening, spdx2, spdx2_text, spdx3
from composition.documents.opening import MAX_BYTES, InventoryInvalid
from composition.listing import Listing
from vendors import strict_json
from vendors.strict_json import Problem

FORMS = (
    "CycloneDX 1.0 to 1.7 as JSON or XML, SPDX 2.2 or 2.3 as JSON, YAML or tag-value, SPDX 3.0 as JSON-LD,"
    f" or a lock file by its own name: {locks.NAMES}"
)
_XML = re.compile(r"<[?!A-Za-z]")
_SBOM_IN_JSON = re.compile(r'"(?:bomFormat|specVersion|spdxVersion|@context)"\s*:')
_SPDX_IN_XML = re.compile(r"spdx\.org/rdf|<spdxVersion|<SPDXID")
_TAG_VALUE = re.compile(r"^SPDXVersion:", re.MULTILINE)
_LONGEST_SHOWN = 100
_YAML = re.compile(r"""^["']?spdxVersion["']?\s*:""", re.MULTILINE)


def read(name: str, raw: bytes, *, limit: int = MAX_BYTES) -> Listing:
    """Return what a document lists, whole. Raises a DocumentInvalid whose problems name the places.

    `name` is that of the file, by which alone lock files are told apart. What is larger than `limit` bytes is not
    looked at.
    """
    opening.check_size(len(raw), limit=limit)
    listing = _read(name, raw)
    for place, text in _texts(listing):
        # Lock files, tag-value and what YAML escapes can hold it; JSON was refused for it, and XML has none.
        if why := strict_json.unstorable(text):
            opening.refuse(ascii(place)[1:-1][:_LONGEST_SHOWN], why)
    return listing


def _texts(listing: Listing) -> Iterator[tuple[str, str]]:
    """Yield the texts that are kept of a document, each with the component that it is of."""
    yield from (("", text) for text in (listing.subject, *listing.remarks))
    for one in listing.components:
        for text in (one.ref, one.name, one.version, *one.licences):
            yield one.ref, text


def _read(name: str, raw: bytes) -> Listing:
    head = opening.head(raw)
    if _XML.match(head):
        if _SPDX_IN_XML.search(head):
            opening.refuse("", "SPDX in XML or RDF is not read. Give the same document as JSON.")
        return cyclonedx.read_xml(raw)
    if _TAG_VALUE.search(head):
        return spdx2.read(spdx2_text.from_tag_value(opening.text(raw)), written_as="tag-value")
    if _YAML.search(head) and not head.startswith("{"):
        return spdx2.read(spdx2_text.from_yaml(opening.text(raw)), written_as="YAML")
    if locks.is_lock_file(name) and not _SBOM_IN_JSON.search(head):
        return locks.read(name, opening.text(raw))
    if head.startswith("{"):
        return _read_json(opening.json(raw))
    raise _unknown()


def _read_json(document: Any) -> Listing:
    if not isinstance(document, dict):
        raise _unknown()
    if "bomFormat" in document or "specVersion" in document:
        return cyclonedx.read_json(document)
    if "spdxVersion" in document:
        return spdx2.read(document, written_as="JSON")
    if "spdx.org/rdf/" in str(document.get("@context", "")):
        return spdx3.read(document)
    # As GitHub exports the dependencies of a repository.
    if isinstance(document.get("sbom"), dict):
        return _read_json(document["sbom"])
    raise _unknown()


def _unknown() -> InventoryInvalid:
    return InventoryInvalid([Problem("", f"The file is no inventory of a known form. Give {FORMS}.")])
