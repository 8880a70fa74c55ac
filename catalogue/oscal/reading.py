"""Reading an OSCAL catalogue or profile in JSON, versions 1.0 to 1.2. Pure: no database, no network, no clock.

Each fault is named with its place. What leads out of the file, such as a link or the resource that a profile imports
from, is never fetched: it is noted, or the file is refused where nothing can be made of it without.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from catalogue.oscal import controls, profiles
from catalogue.oscal.documents import LIMIT_BYTES, Document, Head, OscalRefused, ReadCatalogue, refuse
from vendors import strict_json
from vendors.strict_json import Problem

_VERSION = re.compile(r"1\.[0-2](\.\d+)?(-[A-Za-z0-9.]+)?")
_OTHERS = {
    "system-security-plan": "a system security plan",
    "component-definition": "a component definition",
    "assessment-plan": "an assessment plan",
    "assessment-results": "assessment results",
    "plan-of-action-and-milestones": "a plan of action",
}


def read(raw: bytes) -> Document:
    """Return what a file says. Raises strict_json.Unreadable for one that is no JSON or too large, OscalRefused for one
    that is no catalogue or profile, or has faults: with all of them, up to fifty.
    """
    document = strict_json.read(raw, limit=LIMIT_BYTES)
    name, body = _root(document)
    head = _head(name, body)
    if name == "profile":
        return profiles.read(head, body)
    found = controls.read(body)
    if found.problems:
        raise OscalRefused(found.problems)
    return ReadCatalogue(head, tuple(found.controls), tuple(found.notes))


def _root(document: Any) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(document, dict):
        refuse("", "The file must be one JSON object, with a catalog or a profile in it.")
    for name in ("catalog", "profile"):
        if isinstance(document.get(name), dict):
            return name, document[name]
    other = next((words for key, words in _OTHERS.items() if key in document), "")
    reason = f"This is {other}." if other else "There is neither a catalog nor a profile in the file."
    raise OscalRefused([Problem("", f"{reason} Give an OSCAL catalog or profile in JSON.")])


def _head(name: str, body: Mapping[str, Any]) -> Head:
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        refuse(f"{name}.metadata", "The metadata are missing.")
    problems = list(_head_problems(name, metadata))
    if problems:
        raise OscalRefused(problems)
    return Head(
        title=" ".join(metadata["title"].split()),
        version=" ".join(metadata["version"].split()),
        publisher=_publisher(metadata),
        oscal_version=metadata["oscal-version"],
    )


def _head_problems(name: str, metadata: Mapping[str, Any]) -> Iterator[Problem]:
    for key, limit in (("title", 200), ("version", 80), ("oscal-version", 40)):
        value = metadata.get(key)
        if not isinstance(value, str) or not value.strip():
            yield Problem(f"{name}.metadata.{key}", "A text is needed here.")
        elif len(value) > limit:
            yield Problem(f"{name}.metadata.{key}", f"The text has {len(value)} characters; at most {limit} are kept.")
    version = metadata.get("oscal-version")
    if isinstance(version, str) and version.strip() and not _VERSION.fullmatch(version):
        yield Problem(f"{name}.metadata.oscal-version", f"{version[:40]!r} cannot be read; versions 1.0 to 1.2 can.")


def _publisher(metadata: Mapping[str, Any]) -> str:
    """Return the name of the first organisation among the parties, empty where there is none."""
    parties = metadata.get("parties")
    for party in parties if isinstance(parties, list) else ():
        if isinstance(party, dict) and party.get("type") == "organization" and isinstance(party.get("name"), str):
            return " ".join(party["name"].split())[:120]
    return ""
