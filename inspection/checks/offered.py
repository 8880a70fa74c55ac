"""A manifest as checks read it: the documents of its tools and of what else it offers, and who else its agents use.

A tool is read from what its digest covers and from what else its server says of it: a model may be shown both.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from vendors import strict_json

INSTRUCTIONS = "(instructions)"
ABOUT = "(about itself)"


class Kept(Protocol):
    """A tool or another offering: a row of the register, or one that was just read."""

    @property
    def canonical(self) -> str:
        """Return what its digest is of."""

    @property
    def uncovered(self) -> Mapping[str, Any]:
        """Return what else its server says of it."""


class Captured(Protocol):
    """What a release, or a document that was just read, says beside what it offers."""

    @property
    def instructions(self) -> str:
        """Return its instructions to the model, empty where it gives none."""

    @property
    def server_info(self) -> Mapping[str, Any]:
        """Return what the server says of itself."""


@dataclass(frozen=True)
class Part:
    """One thing that a server offers or says: its name, and the document of it."""

    name: str
    document: Mapping[str, Any]

    @property
    def description(self) -> str:
        """Return its description, empty where it has none."""
        return str(self.document.get("description") or "")

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Return the parameters that it takes by name, each with its schema."""
        schema = self.document.get("inputSchema")
        found = schema.get("properties") if isinstance(schema, Mapping) else None
        return found if isinstance(found, Mapping) else {}

    def claims(self, hint: str) -> bool | None:
        """Return what its annotations claim, None where they do not."""
        annotations = self.document.get("annotations")
        claim = annotations.get(hint) if isinstance(annotations, Mapping) else None
        return claim if isinstance(claim, bool) else None

    @cached_property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Return all its texts with where each stands, the names of its members among them."""
        return tuple(strict_json.strings(self.document))


@dataclass(frozen=True)
class Neighbour:
    """Another server of the same agent: what it is called, its tools, and the digest of the manifest that has them."""

    server: str
    tools: tuple[Part, ...]
    digest: str = ""


@dataclass(frozen=True)
class Agent:
    """An agent that uses the server, and the other servers that it uses."""

    name: str
    others: tuple[Neighbour, ...] = ()


@dataclass(frozen=True)
class Subject:
    """What is checked: what a server offers and says, and the agents that use it."""

    tools: tuple[Part, ...]
    others: tuple[Part, ...] = ()
    agents: tuple[Agent, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return all that it offers and says."""
        return (*self.tools, *self.others)


def part(row: Kept) -> Part:
    """Return a tool or another offering as checks read it."""
    document = json.loads(row.canonical) | dict(row.uncovered)
    return Part(str(document.get("name") or document.get("uri") or document.get("uriTemplate") or ""), document)


def subject(
    captured: Captured, tools: Iterable[Kept], offerings: Iterable[Kept], agents: Iterable[Agent] = ()
) -> Subject:
    """Return what is checked of a release, or of a document."""
    about = (
        Part(INSTRUCTIONS, {"instructions": captured.instructions} if captured.instructions else {}),
        Part(ABOUT, captured.server_info),
    )
    others = [part(row) for row in offerings]
    return Subject(tuple(part(row) for row in tools), (*others, *about), tuple(agents))
