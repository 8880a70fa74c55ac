"""Real tools, attacks and harmless texts as checks read them, from the shared data beside the repository."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from inspection.checks.offered import Part, Subject

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def is_there() -> bool:
    """Return whether the data are on this machine."""
    return (DATA / "tool-texts").is_dir()


def real() -> dict[str, Subject]:
    """Return the real tools by their server."""
    by_server = defaultdict(list)
    for name in ("docker-mcp-registry", "github-mcp-server"):
        for row in _lines(f"tool-texts/benign-{name}.jsonl"):
            by_server[str(row.pop("server", name))].append(part(row))
    return {server: Subject(tuple(tools)) for server, tools in by_server.items()}


def attacks() -> list[Part]:
    """Return the tools of attack servers, harmless helpers among them."""
    return [
        part({"name": row["function"], "description": row["text"]}) for row in _lines("tool-texts/attack-msb.jsonl")
    ]


def attack_servers() -> dict[str, Subject]:
    """Return the same by the file that they are in, which names the kind of attack."""
    by_file = defaultdict(list)
    for row in _lines("tool-texts/attack-msb.jsonl"):
        by_file[str(row["file"])].append(part({"name": row["function"], "description": row["text"]}))
    return {name: Subject(tuple(tools)) for name, tools in by_file.items()}


def harmless() -> list[Part]:
    """Return harmless prompts with words that attacks use, as descriptions."""
    rows = json.loads((DATA / "injection" / "NotInject_one.json").read_text())
    return [part({"name": f"prompt_{at}", "description": row["prompt"]}) for at, row in enumerate(rows)]


def part(row: dict[str, Any]) -> Part:
    """Return a tool as a server sends it."""
    return Part(str(row["name"]), {"inputSchema": {"type": "object"}} | row)


def _lines(name: str) -> Iterator[dict[str, Any]]:
    for line in (DATA / name).read_text().splitlines():
        if line.strip():
            yield json.loads(line)
