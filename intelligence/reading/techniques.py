"""The vocabulary of techniques: what SAFE-MCP and MITRE ATLAS call how attackers proceed, in a short form of our own.

Ids, names and tactics are taken over, and links to the rest; `data/techniques.json` names the licences.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent.parent / "data" / "techniques.json"


@dataclass(frozen=True, slots=True)
class Technique:
    """One technique. `parent` is the id of what it is a kind of, `attack` that of the same in ATT&CK, if any."""

    id: str
    name: str
    tactics: tuple[str, ...]
    link: str
    vocabulary: str
    parent: str = ""
    attack: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A list of techniques, by whom, and under which licence; `changes` says what was changed, as licences ask."""

    key: str
    name: str
    version: str
    by: str
    licence: str
    licence_url: str
    source: str
    changes: str
    techniques: tuple[Technique, ...]


@cache
def vocabularies() -> tuple[Vocabulary, ...]:
    """Return the vocabularies with their techniques in the order of their ids."""
    document = json.loads(_FILE.read_text())
    return tuple(_vocabulary(one) for one in document["vocabularies"])


def _vocabulary(entry: dict[str, object]) -> Vocabulary:
    facts = {key: str(entry.get(key, "")) for key in Vocabulary.__slots__ if key != "techniques"}
    rows = entry["techniques"]
    assert isinstance(rows, list)  # noqa: S101
    found = tuple(
        Technique(
            id=row["id"],
            name=row["name"],
            tactics=tuple(row["tactics"]),
            link=str(entry["link"]).format(id=row["id"]),
            vocabulary=facts["key"],
            parent=row.get("parent", ""),
            attack=row.get("attack", ""),
        )
        for row in rows
    )
    return Vocabulary(**facts, techniques=found)


@cache
def by_id() -> dict[str, Technique]:
    """Return all techniques by their ids."""
    return {one.id: one for vocabulary in vocabularies() for one in vocabulary.techniques}


def named(ids: Iterable[str]) -> list[tuple[str, Technique | None]]:
    """Return what each id names, None for one of a vocabulary that the register does not hold, such as ATT&CK."""
    return [(one, by_id().get(one)) for one in ids]
