"""Shapes what CycloneDX says in XML of vulnerabilities as its JSON, as far as that is read."""

from collections.abc import Iterator, Mapping
from typing import Any

from composition.documents import cyclonedx_xml
from composition.documents.cyclonedx_xml import every, own_text, text_of

_TEXTS = ("id", "recommendation", "workaround")
_ANALYSIS = ("state", "justification", "detail", "firstIssued", "lastUpdated")
_FIRMS = ("supplier", "manufacturer", "manufacture")
_VERSION = ("version", "range", "status")


def in_shape_of_json(root: Any, *, version: str) -> dict[str, Any]:
    """Return a document that its schema allows as its JSON would be."""
    space = f"{{http://cyclonedx.org/schema/bom/{version}}}"
    return {
        "specVersion": version,
        "serialNumber": root.get("serialNumber", ""),
        "version": int(root.get("version", "1")),
        "metadata": _metadata(root, space),
        "components": cyclonedx_xml.components(root, space),
        "vulnerabilities": [_vulnerability(one, space) for one in every(root, "vulnerabilities", space)],
    }


def _metadata(root: Any, space: str) -> dict[str, Any]:
    metadata = root.find(f"{space}metadata")
    if metadata is None:
        return {}
    shape: dict[str, Any] = _texts(metadata, ("timestamp",), space)
    shape["authors"] = [_texts(one, ("name",), space) for one in every(metadata, "authors", space)]
    for name in _FIRMS:
        if (firm := metadata.find(f"{space}{name}")) is not None:
            shape[name] = _texts(firm, ("name",), space)
    if (subject := metadata.find(f"{space}component")) is not None:
        shape["component"] = cyclonedx_xml.component(subject, space)
    return shape


def _vulnerability(element: Any, space: str) -> dict[str, Any]:
    shape: dict[str, Any] = _texts(element, _TEXTS, space)
    shape["references"] = [_texts(one, ("id",), space) for one in every(element, "references", space)]
    shape["affects"] = [_target(one, space) for one in every(element, "affects", space)]
    if (analysis := element.find(f"{space}analysis")) is not None:
        responses = [own_text(one) for one in every(analysis, "responses", space)]
        shape["analysis"] = {**_texts(analysis, _ANALYSIS, space), "response": responses}
    return shape


def _target(element: Any, space: str) -> Mapping[str, Any]:
    versions = [_texts(one, _VERSION, space) for one in every(element, "versions", space)]
    return {"ref": text_of(element, "ref", space), "versions": versions}


def _texts(element: Any, names: tuple[str, ...], space: str) -> dict[str, str]:
    """Return the texts of these names that an element has."""
    return dict(_having(element, names, space))


def _having(element: Any, names: tuple[str, ...], space: str) -> Iterator[tuple[str, str]]:
    for name in names:
        if text := text_of(element, name, space):
            yield name, text
