"""Holds documents against the published schemas of their forms, and says in words where they break them."""

import json
import re
import threading
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft7Validator, RegexOptions, Registry, ValidationError
from lxml import etree

from composition.documents.opening import InventoryInvalid
from vendors import strict_json
from vendors.strict_json import MAX_PROBLEMS, Problem

FOLDER = Path(__file__).parent / "schemas"
_CYCLONEDX = {
    # Of these two the published "strict" ones: the others let every misspelt field pass.
    "1.2": "bom-1.2-strict.SNAPSHOT.schema.json",
    "1.3": "bom-1.3-strict.SNAPSHOT.schema.json",
    "1.4": "bom-1.4.SNAPSHOT.schema.json",
    "1.5": "bom-1.5.SNAPSHOT.schema.json",
    "1.6": "bom-1.6.SNAPSHOT.schema.json",
    "1.7": "bom-1.7.SNAPSHOT.schema.json",
}
_NAMED_BY_THEM = (
    "spdx.SNAPSHOT.schema.json",
    "jsf-0.82.SNAPSHOT.schema.json",
    "cryptography-defs.SNAPSHOT.schema.json",
)
JSON_VERSIONS = tuple(_CYCLONEDX)
XML_VERSIONS = ("1.0", "1.1", *JSON_VERSIONS)

_ONE_AT_A_TIME = threading.Lock()
_BASE = "http://cyclonedx.org/schema/"
_NAMESPACE = re.compile(r"\{http://cyclonedx\.org/schema/[^}]*\}")
_LONGEST_SHOWN = 60
_LONGEST_MESSAGE = 400
_MOST_CHOICES = 15
# Of values: an inventory of some 2,000 components.
_SMALL = 50_000
# Addresses of web sites and people are not read, and Maven leaves its variables in them:
# https://github.com/FasterXML/${project.artifactId}/issues
_NOT_READ = ("iri-reference", "idn-email")
_TYPES = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "number": "a number",
    "integer": "a whole number",
    "null": "null",
}
_EXAMPLES = {
    "serialNumber": "Write urn:uuid: and a UUID, as in urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79.",
    "timestamp": "Write day and time with a zone, as in 2026-03-01T09:30:00Z.",
}


def check_cyclonedx_json(document: Any, *, version: str) -> None:
    """Raise InventoryInvalid where a document breaks the published JSON schema of CycloneDX."""
    _check(document, _CYCLONEDX[version])


def check_spdx(document: Any, *, schema: str) -> None:
    """Raise InventoryInvalid where a document lacks what a reader of SPDX needs, by a schema of ours."""
    _check(document, schema)


def check_cyclonedx_xml(root: Any, *, version: str) -> None:
    """Raise InventoryInvalid where a document breaks the published XML schema of CycloneDX."""
    schema = _xml_schema(version)
    # A schema keeps the log of the document that it saw last: one thread at a time.
    with _ONE_AT_A_TIME:
        if schema.validate(root):
            return
        errors = [entry for entry in schema.error_log if "Warning: " not in entry.message]
    raise InventoryInvalid(_of_line(entry) for entry in islice(errors, MAX_PROBLEMS))


@cache
def _xml_schema(version: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(FOLDER / f"bom-{version}.SNAPSHOT.xsd")))


@cache
def licence_ids() -> frozenset[str]:
    """Return the identifiers of licences and of exceptions to them that SPDX lists."""
    return frozenset(_load("spdx.SNAPSHOT.schema.json")["enum"])


def _check(document: Any, name: str) -> None:
    validator = _validator(name)
    if validator.is_valid(document):
        return
    raise InventoryInvalid(problem for error in _errors(validator, document) for problem in _problems(error))


def _errors(validator: Draft7Validator, document: Any) -> list[ValidationError]:
    """Return what is wrong with a document that is not valid, of a large one the first thing alone.

    The validator finds all errors before it gives the first, each with a copy of what it is of: 200,000 take 800 MB.
    """
    if _is_small(document):
        return list(islice(validator.iter_errors(document), MAX_PROBLEMS))
    try:
        validator.validate(document)
    except ValidationError as error:
        return [error]
    return []


def _is_small(document: Any) -> bool:
    waiting, seen = [document], 0
    while waiting and seen <= _SMALL:
        here = waiting.pop()
        seen += 1
        if isinstance(here, dict | list):
            waiting.extend(here.values() if isinstance(here, dict) else here)
    return seen <= _SMALL


@cache
def _validator(name: str) -> Draft7Validator:
    registry = Registry([(_BASE + other, _load(other)) for other in _NAMED_BY_THEM])
    # Formats are checked, since the specification's own invalid documents break them; patterns without backtracking.
    return Draft7Validator(
        _load(name), validate_formats=True, registry=registry, pattern_options=RegexOptions(), offline=True
    )


def _load(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"), object_hook=_without_addresses)


def _without_addresses(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("format") in _NOT_READ:
        del schema["format"]
    return schema


def _of_line(entry: Any) -> Problem:
    message = _NAMESPACE.sub("", entry.message)
    return Problem(
        f"line {entry.line}", message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]}…"
    )


def _problems(error: ValidationError) -> Iterator[Problem]:
    path = _path(error.instance_path)
    kind: Any = error.kind
    if kind.name == "required":
        yield Problem(strict_json.under(path, kind.property), "This is required. Add it.")
    elif kind.name == "additionalProperties":
        for name in kind.unexpected:
            yield Problem(strict_json.under(path, name), "The published form has no such field. Take it out.")
    elif kind.name == "uniqueItems":
        yield Problem(f"{path}[{_again(error.instance)}]", "The same entry is in this list before. Keep one of them.")
    elif kind.name in {"anyOf", "oneOf"} and (branch := _nearest(kind)):
        for cause in branch:
            yield from _problems(cause)
    else:
        yield Problem(path, _sentence(error))


def _nearest(kind: Any) -> list[ValidationError]:
    """Return the errors of the alternative that the document comes closest to: it fails deepest, and for the least."""
    branches = [branch for branch in getattr(kind, "context", ()) if branch]
    return max(branches, key=lambda branch: (max(len(one.instance_path) for one in branch), -len(branch)), default=[])


def _sentence(error: ValidationError) -> str:
    kind: Any = error.kind
    field = next((part for part in reversed(error.instance_path) if isinstance(part, str)), "")
    found = _shown(error.instance)
    if field in _EXAMPLES and kind.name in {"pattern", "format"}:
        return f"{_EXAMPLES[field]} Not {found}."
    if kind.name == "enum":
        return _choice(kind.options, found)
    if kind.name == "type":
        types = kind.types if isinstance(kind.types, list) else [kind.types]
        return f"Write {' or '.join(_TYPES.get(str(one), str(one)) for one in types)} here, not {found}."
    if kind.name == "format":
        return f"{found} is no {kind.format}."
    if kind.name == "pattern":
        return f"{found} does not have the published form, {kind.pattern}."
    if kind.name in {"not", "oneOf"}:
        return "Its fields exclude each other here. Keep those of one kind."
    return f"The published schema does not allow {found} here ({kind.name})."


def _again(entries: Any) -> int:
    """Return the index of the first entry that is there before."""
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        written = json.dumps(entry, sort_keys=True)
        if written in seen:
            return index
        seen.add(written)
    return 0


def _choice(options: list[Any], found: str) -> str:
    if len(options) > _MOST_CHOICES:
        return f"{found} is none of the {len(options)} values that the published list has."
    return f"Use one of: {', '.join(str(one) for one in options)}; not {found}."


def _path(parts: list[Any]) -> str:
    path = ""
    for part in parts:
        path = f"{path}[{part}]" if isinstance(part, int) else strict_json.under(path, part)
    # Of SPDX 3, in which every element stands there.
    return path.replace("['@graph']", "@graph", 1)


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return ascii(value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}…")
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return json.dumps(value)[:_LONGEST_SHOWN]
