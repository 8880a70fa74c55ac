"""The door to inventories: tells by its content what form a document has, a lock file by its name, and reads it."""

import re
from typing import Any

from composition import locks
from composition.documents import cyclonedx, opening
from composition.documents.opening import MAX_BYTES, InventoryInvalid
from composition.listing import Listing
from vendors.strict_json import Problem

FORMS = f"CycloneDX 1.0 to 1.7 as JSON or XML, or a lock file by its own name: {locks.NAMES}"
_XML = re.compile(r"<[?!A-Za-z]")
_SBOM_IN_JSON = re.compile(r'"(?:bomFormat|specVersion)"\s*:')


def read(name: str, raw: bytes, *, limit: int = MAX_BYTES) -> Listing:
    """Return what a document lists, whole. Raises a DocumentInvalid whose problems name the places.

    `name` is that of the file, by which alone lock files are told apart. What is larger than `limit` bytes is not
    looked at.
    """
    opening.check_size(len(raw), limit=limit)
    beginning = opening.beginning(raw)
    if _XML.match(beginning):
        return cyclonedx.read_xml(raw)
    if locks.is_lock_file(name) and not _SBOM_IN_JSON.search(beginning):
        return locks.read(name, opening.text(raw))
    if beginning.startswith("{"):
        return _read_json(opening.json(raw))
    raise _unknown()


def _read_json(document: Any) -> Listing:
    if "bomFormat" in document or "specVersion" in document:
        return cyclonedx.read_json(document)
    raise _unknown()


def _unknown() -> InventoryInvalid:
    return InventoryInvalid([Problem("", f"The file is no inventory of a known form. Give {FORMS}.")])
