"""The door to VEX documents: tells by its content what form a document has, and reads it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from composition.documents import cyclonedx_xml as inventory_xml
from composition.documents import opening
from composition.vex import csaf, cyclonedx, gathering, openvex
from composition.vex.gathering import MAX_BYTES, VexInvalid
from composition.vex.stated import Document

__all__ = ["FORMS", "MAX_BYTES", "VexInvalid", "read"]

FORMS = "OpenVEX 0.2.0 or 0.0.1, CycloneDX 1.4 to 1.7 or CSAF 2.0 or 2.1, each as JSON, and CycloneDX as XML too"
_READERS: Sequence[tuple[Callable[[Mapping[str, Any]], bool], Callable[[Mapping[str, Any]], Document]]] = tuple(
    (form.is_one, form.read) for form in (openvex, cyclonedx, csaf)
)


def read(raw: bytes) -> Document:
    """Return what a document says, each of its statements kept or rejected with the reason.

    Raises a DocumentInvalid, whose problems name the places, for what is no document of a known form.
    """
    opening.check_size(len(raw), limit=MAX_BYTES)
    head = opening.head(raw)
    if head.startswith("<"):
        root = opening.xml(raw)
        if inventory_xml.version(root):
            return cyclonedx.read_xml(root)
    if not head.startswith("{"):
        raise gathering.refuse("", f"The file is no VEX document of a known form. Give {FORMS}.")
    document = opening.json(raw)
    for is_one, read_one in _READERS:
        if is_one(document):
            return read_one(document)
    raise gathering.refuse("", f"The file is no VEX document of a known form. Give {FORMS}.")
