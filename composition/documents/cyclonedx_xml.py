"""Shapes CycloneDX in XML as its JSON, as far as that is read. What is not is named with how many it holds."""

from collections.abc import Iterator
from typing import Any

from lxml.etree import QName

_NAMESPACE = "http://cyclonedx.org/schema/bom/"
_TEXTS = ("group", "name", "version", "versionRange", "scope", "purl")
_READ = frozenset({"metadata", "components", "dependencies", "compositions"})


def version(root: Any) -> str:
    """Return the version of CycloneDX that a root element names by its namespace, empty if it is of none."""
    name = QName(root)
    space = name.namespace or ""
    return space.removeprefix(_NAMESPACE) if name.localname == "bom" and space.startswith(_NAMESPACE) else ""


def in_shape_of_json(root: Any) -> dict[str, Any]:
    """Return a document that its schema allows as its JSON would be; its components are made as they are read."""
    space = f"{{{QName(root).namespace}}}"
    shape: dict[str, Any] = {
        "components": components(root, space),
        "dependencies": list(_dependencies(root, space)),
        "compositions": [_composition(one, space) for one in every(root, "compositions", space)],
    }
    if (subject := root.find(f"{space}metadata/{space}component")) is not None:
        shape["metadata"] = {"component": component(subject, space)}
    for child in root.iterchildren("*"):
        name = QName(child)
        if name.namespace != QName(root).namespace:
            shape[f"{name.localname} of {name.namespace}"] = [None] * len(child)
        elif name.localname not in _READ:
            shape[name.localname] = [None] * len(child)
    return shape


def components(parent: Any, space: str) -> Iterator[dict[str, Any]]:
    """Yield the components inside of an element, each made as it is read."""
    for element in every(parent, "components", space):
        yield component(element, space)


def component(element: Any, space: str) -> dict[str, Any]:
    """Return a component as its JSON would be."""
    shape = {"type": element.get("type"), "bom-ref": element.get("bom-ref", "")}
    shape |= {name: text for name in _TEXTS if (text := text_of(element, name, space))}
    return shape | {
        "name": shape.get("name", ""),
        "hashes": [{"alg": one.get("alg"), "content": own_text(one)} for one in every(element, "hashes", space)],
        "licenses": [_licence(one, space) for one in every(element, "licenses", space)],
        "properties": [
            {"name": one.get("name"), "value": own_text(one)} for one in every(element, "properties", space)
        ],
        "components": components(element, space),
    }


def _licence(element: Any, space: str) -> dict[str, Any]:
    acknowledged = {"acknowledgement": element.get("acknowledgement", "")}
    if QName(element).localname == "expression":
        return {"expression": own_text(element)} | acknowledged
    if QName(element).localname == "expression-detailed":
        return {"expression": element.get("expression")} | acknowledged
    return {"license": {"id": text_of(element, "id", space), "name": text_of(element, "name", space)} | acknowledged}


def _composition(element: Any, space: str) -> dict[str, Any]:
    refs = [one.get("ref") for one in every(element, "dependencies", space)]
    return {"aggregate": text_of(element, "aggregate", space), "dependencies": refs}


def _dependencies(root: Any, space: str) -> Iterator[dict[str, Any]]:
    for list_of in root.iterchildren(f"{space}dependencies"):
        for element in list_of.iter(f"{space}dependency"):
            needed = [one.get("ref") for one in element.iterchildren(f"{space}dependency")]
            provided = [one.get("ref") for one in element.iterchildren(f"{space}provides")]
            yield {"ref": element.get("ref"), "dependsOn": needed, "provides": provided}


def every(parent: Any, name: str, space: str) -> Iterator[Any]:
    """Yield the elements inside of the one of a name, those of other namespaces left out."""
    for list_of in parent.iterchildren(f"{space}{name}"):
        yield from list_of.iterchildren(f"{space}*")


def text_of(parent: Any, name: str, space: str) -> str:
    """Return the text of the element of a name, empty where there is none."""
    found = parent.find(f"{space}{name}")
    return "" if found is None else own_text(found)


def own_text(element: Any) -> str:
    """Return all text within an element."""
    return "".join(element.itertext()).strip()
