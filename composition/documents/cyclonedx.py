"""Reads CycloneDX: what a document in the shape of its JSON lists, and how it hangs together."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from composition.documents import cyclonedx_xml, opening, validation
from composition.documents.assembly import Assembly, Described
from composition.documents.opening import refuse
from composition.listing import Listed, Listing

_READ = frozenset(
    {"$schema", "bomFormat", "specVersion", "serialNumber", "version", "metadata", "components", "dependencies"}
)
_DEVELOPMENT = "cdx:npm:package:development"


def read_json(document: Mapping[str, Any]) -> Listing:
    """Return what a CycloneDX document in JSON lists. Raises InventoryInvalid."""
    version: Any = document.get("specVersion")
    if version not in validation.JSON_VERSIONS:
        _refuse_version("specVersion", version, validation.JSON_VERSIONS)
    validation.check_cyclonedx_json(document, version=version)
    return _read(document, form=f"CycloneDX {version}, JSON")


def read_xml(raw: bytes) -> Listing:
    """Return what a CycloneDX document in XML lists. Raises InventoryInvalid."""
    root = opening.xml(raw)
    version = cyclonedx_xml.version(root)
    if version not in validation.XML_VERSIONS:
        _refuse_version("line 1", version, validation.XML_VERSIONS)
    validation.check_cyclonedx_xml(root, version=version)
    return _read(cyclonedx_xml.in_shape_of_json(root), form=f"CycloneDX {version}, XML")


def _refuse_version(path: str, version: Any, known: tuple[str, ...]) -> None:
    reason = f"Version {version!a:.20} of CycloneDX is not known" if version else "No version of CycloneDX is named"
    refuse(path, f"{reason}; {known[0]} to {known[-1]} are read. Ask for one of these.")


def _read(document: Mapping[str, Any], *, form: str) -> Listing:
    assembly = Assembly(form)
    subject = document.get("metadata", {}).get("component")
    if subject:
        assembly.describe(_described(subject, "metadata.component"))
        _add_all(assembly, subject.get("components", ()), "metadata.component.components", within=assembly.itself)
    _add_all(assembly, document.get("components", ()), "components", within=None)
    for index, dependency in enumerate(document.get("dependencies", ())):
        path = f"dependencies[{index}]"
        for needed in dependency.get("dependsOn", ()):
            assembly.need(dependency["ref"], needed, path=path)
        if dependency.get("provides"):
            assembly.remark("What components provide to others is not read", path)
    _remark_the_rest(assembly, document)
    return assembly.listing()


def _add_all(assembly: Assembly, components: Iterable[Mapping[str, Any]], path: str, *, within: Listed | None) -> None:
    """Add components with those nested in them, which are parts of what they are nested in."""
    for index, component in enumerate(components):
        here = f"{path}[{index}]"
        one = assembly.add(_described(component, here))
        if "versionRange" in component:
            assembly.remark("A range of versions and no version, so that it cannot be compared", here)
        if within is not None:
            assembly.contain(within.ref, one.ref, path=here)
        _add_all(assembly, component.get("components", ()), f"{here}.components", within=one)


def _described(component: Mapping[str, Any], path: str) -> Described:
    declared, concluded = _licences(component.get("licenses", ()))
    group, name = component.get("group", ""), component["name"]
    return Described(
        path=path,
        ref=component.get("bom-ref", ""),
        name=f"{group}/{name}" if group else name,
        version=component.get("version", ""),
        purl=component.get("purl", ""),
        declared=declared,
        concluded=concluded,
        checksums=[(one["alg"], one["content"]) for one in component.get("hashes", ())],
        kind=component["type"],
        is_development=component.get("scope") == "excluded" or _is_marked(component.get("properties", ())),
    )


def _is_marked(properties: Iterable[Mapping[str, str]]) -> bool:
    return any(one.get("name") == _DEVELOPMENT and one.get("value") == "true" for one in properties)


def _licences(written: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    declared: list[str] = []
    concluded: list[str] = []
    for one in written:
        licence = one.get("license", one)
        text = licence.get("id") or licence.get("name") or licence.get("expression", "")
        (concluded if licence.get("acknowledgement") == "concluded" else declared).append(text)
    return declared, concluded


def _remark_the_rest(assembly: Assembly, document: Mapping[str, Any]) -> None:
    for index, composition in enumerate(document.get("compositions", ())):
        if assembly.itself and assembly.itself.ref in (composition.get("dependencies") or ()):
            assembly.has_all_roots = composition.get("aggregate") == "complete"
        if composition.get("aggregate") != "complete":
            assembly.remark(f'It calls a part "{composition.get("aggregate")}"', f"compositions[{index}]")
    for name, count in _beside(document):
        assembly.remark("Not read, as it lists no components", f"{name} ({count})")


def _beside(document: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for name, value in document.items():
        if name not in _READ and name != "compositions" and value:
            yield name, len(value) if isinstance(value, list) else 1
