"""What a server offers: the canonical form of a captured `tools/list`, with a digest for each tool and for the whole.

A digest covers what a model or a person decides by. What the protocol's revision, the looks or the transport decide is
left out (`execution`, `icons`, `_meta`), lest an upgrade of the protocol look like a change of the tools.
The raw wire result is hashed, not typed models: they drop unknown fields, where a change can hide. The text is that of
RFC 8785 with the tools sorted as its keys are, so that a gateway can recompute the digest (docs/adr/0010).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from riskregister import canonical, lookalikes
from vendors import credentials, vendor_text
from vendors.offered import captures, manifest_rules, offerings
from vendors.offered.captures import Capture, ManifestInvalid
from vendors.offered.offerings import Offering

__all__ = ["ManifestInvalid"]

COVERED = ("name", "title", "description", "inputSchema", "outputSchema", "annotations")
# The specification's defaults are pessimistic: a tool that says nothing may destroy and may reach anything.
HINT_DEFAULTS = {"readOnlyHint": False, "destructiveHint": True, "idempotentHint": False, "openWorldHint": True}

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Hint:
    """A vendor's claim about a tool, or the specification's default where the vendor claims nothing."""

    value: bool
    declared: bool


@dataclass(frozen=True)
class Hints:
    """The four behaviour hints of a tool. They are claims, not evidence."""

    read_only: Hint
    destructive: Hint
    idempotent: Hint
    open_world: Hint


@dataclass(frozen=True)
class Tool:
    """One tool as its server describes it; `digest` is the SHA-256 of `canonical`. Absent texts are empty.

    `uncovered` is what the digest leaves out: icons, `_meta`, and whatever else the server says.
    """

    name: str
    title: str
    description: str
    input_schema: Json
    output_schema: Json | None
    annotations: Json
    hints: Hints
    uncovered: Json
    canonical: str
    digest: str

    @property
    def shown_title(self) -> str:
        """Return what a client shows as its name: its title, that of its annotations, or its name."""
        return self.title or str(self.annotations.get("title") or "") or self.name


@dataclass(frozen=True)
class Manifest:
    """All tools of a server, sorted by name; `digest` is the SHA-256 of `canonical`.

    The digest covers instructions, prompts, resources and templates of resources too. `protocol_version`, `server_info`
    and `capabilities` are what the server says of itself, empty where the document does not tell; they are no part of
    the digest, for they are no proof of anything. `dropped` are the places of what can be a credential in what the
    digest does not cover. `command` is what the document says it was captured with, or empty.
    """

    tools: tuple[Tool, ...]
    offerings: tuple[Offering, ...]
    instructions: str
    canonical: str
    digest: str
    protocol_version: str
    server_info: Json
    capabilities: Json
    dropped: tuple[str, ...]
    command: str

    @property
    def look_alikes(self) -> list[tuple[str, ...]]:
        """Return the names of tools that look alike, or differ in case only, those of one look together."""
        return lookalikes.groups(tool.name for tool in self.tools)

    @property
    def hidden(self) -> list[str]:
        """Return sentences on the characters in its texts that nobody sees."""
        about = {"serverInfo": self.server_info, "protocolVersion": self.protocol_version}
        return list(vendor_text.places(vendor_text.hidden_in(json.loads(self.canonical) | about)))

    @property
    def server_name(self) -> str:
        """Return the name that the server gives itself."""
        return str(self.server_info.get("name") or "")

    @property
    def server_version(self) -> str:
        """Return the version that the server gives itself."""
        return str(self.server_info.get("version") or "")


@dataclass(frozen=True)
class ToolChange:
    """A tool that both manifests have, and the covered fields in which it differs."""

    before: Tool
    after: Tool
    fields: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the tool's name, the same before and after."""
        return self.after.name


@dataclass(frozen=True)
class Difference:
    """What changed between two manifests; each list is sorted by name. Falsy when nothing did."""

    added: tuple[Tool, ...] = ()
    removed: tuple[Tool, ...] = ()
    changed: tuple[ToolChange, ...] = ()
    instructions_changed: bool = False

    def __bool__(self) -> bool:
        """Return whether anything differs."""
        return bool(self.added or self.removed or self.changed or self.instructions_changed)


def parse(raw: str | bytes) -> Manifest:
    """Return the manifest in a captured `tools/list`, in any of the forms that `vendors.offered.captures` names.

    Raises ManifestInvalid with path and remedy of each problem.
    """
    capture = captures.read(raw)
    problems = list(manifest_rules.problems(capture))
    if problems:
        raise ManifestInvalid(problems)
    return _manifest(capture)


def sort_key(name: str) -> bytes:
    """Return what tools are sorted by: the UTF-16 code units of the name, as RFC 8785 sorts keys."""
    return name.encode("utf-16-be")


def canonical_text(
    *, instructions: str, tools: Iterable[str], offered: Mapping[str, Iterable[str]] | None = None
) -> str:
    """Return the text that a manifest's digest is of, from the canonical texts of its tools, sorted by name.

    `offered` has those of prompts, resources and templates, by the name of their list; an empty list is left out.
    """
    lists = {name: [json.loads(text) for text in texts] for name, texts in (offered or {}).items()}
    whole = {"instructions": instructions, "tools": [json.loads(tool) for tool in tools]}
    return canonical.jcs(whole | {name: rows for name, rows in lists.items() if rows})


def diff(old: Manifest, new: Manifest) -> Difference:
    """Return what was added, removed and changed from `old` to `new`."""
    before = {tool.name: tool for tool in old.tools}
    after = {tool.name: tool for tool in new.tools}
    common = [(before[name], after[name]) for name in sorted(before.keys() & after.keys())]
    return Difference(
        added=tuple(after[name] for name in sorted(after.keys() - before.keys())),
        removed=tuple(before[name] for name in sorted(before.keys() - after.keys())),
        changed=tuple(ToolChange(a, b, _differing(a, b)) for a, b in common if a.digest != b.digest),
        instructions_changed=old.instructions != new.instructions,
    )


def _manifest(capture: Capture) -> Manifest:
    tools = sorted(capture.lists["tools"], key=lambda tool: sort_key(tool["name"]))
    beside = credentials.clean(_uncovered(capture, tools))
    read = tuple(_tool(_covered(tool), uncovered=beside.document["tools"][tool["name"]]) for tool in tools)
    offered = offerings.read(capture, uncovered=beside.document["offered"])
    instructions = capture.about.get("instructions") or ""
    whole = canonical_text(
        instructions=instructions,
        tools=(tool.canonical for tool in read),
        offered=offerings.by_list(offered),
    )
    return Manifest(
        tools=read,
        offerings=offered,
        instructions=instructions,
        canonical=whole,
        digest=canonical.digest(whole),
        protocol_version=capture.about.get("protocol_version") or "",
        server_info=beside.document["serverInfo"],
        capabilities=beside.document["capabilities"],
        dropped=tuple(beside.dropped),
        command=capture.command,
    )


def _uncovered(capture: Capture, tools: Iterable[Json]) -> dict[str, Any]:
    """Return all that the digest does not cover: a credential in it can be left out."""
    return {
        "serverInfo": capture.about.get("server_info") or {},
        "capabilities": capture.about.get("capabilities") or {},
        "tools": {
            tool["name"]: {key: value for key, value in tool.items() if key not in COVERED and value is not None}
            for tool in tools
        },
        "offered": offerings.uncovered(capture),
    }


def _covered(tool: dict[str, Any]) -> dict[str, Any]:
    # Some servers write null for what they leave out; that is the same tool.
    return {key: tool[key] for key in COVERED if tool.get(key) is not None}


def _tool(covered: dict[str, Any], *, uncovered: dict[str, Any]) -> Tool:
    text = canonical.jcs(covered)
    annotations = covered.get("annotations", {})
    return Tool(
        name=covered["name"],
        title=covered.get("title", ""),
        description=covered.get("description", ""),
        input_schema=covered["inputSchema"],
        output_schema=covered.get("outputSchema"),
        annotations=annotations,
        hints=Hints(*(_hint(annotations, key) for key in HINT_DEFAULTS)),
        uncovered=uncovered,
        canonical=text,
        digest=canonical.digest(text),
    )


def _hint(annotations: Json, key: str) -> Hint:
    declared = annotations.get(key)
    return Hint(HINT_DEFAULTS[key], declared=False) if declared is None else Hint(declared, declared=True)


def _differing(before: Tool, after: Tool) -> tuple[str, ...]:
    # Compared in canonical text: an absent title and an empty one are two documents, 1 and true are two values.
    old, new = json.loads(before.canonical), json.loads(after.canonical)
    return tuple(key for key in COVERED if canonical.jcs(old.get(key)) != canonical.jcs(new.get(key)))
