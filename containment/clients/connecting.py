"""How a client is told of a server that may be used: made of the same record as the policy files."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from containment.clients import clients
from containment.clients.clients import LeftOut
from vendors.models import Server


@dataclass(frozen=True, slots=True)
class Snippet:
    """What is written into a client's own configuration: in which file, and the text."""

    client: str
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Connection:
    """How a server is connected to.

    `entries` are the servers as most clients write them, empty while nobody may use it or none can be written;
    `variables` are the names of the environment variables that a started package takes, `left_out` what cannot be
    written.
    """

    entries: dict[str, Any]
    variables: tuple[str, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def snippets(self) -> list[Snippet]:
        """Return the entries as the files of clients hold them."""
        if not self.entries:
            return []
        return [
            Snippet("Claude Code, Cursor and most clients", ".mcp.json", _text({"mcpServers": self.entries})),
            Snippet("VS Code", ".vscode/mcp.json", _text({"servers": self.entries})),
        ]


NONE = Connection({}, (), ())


def of(server: Server, *, now: datetime) -> Connection:
    """Return how a client connects to the server at this moment."""
    found = clients.record(Server.objects.filter(pk=server.pk), now=now)
    entries = clients.BY_NAME["claude-code-managed-mcp"].make(found)["mcpServers"]
    open_ones = tuple(
        LeftOut(server, one.url, "Fill in what the star stands for, and write it yourself.")
        for one in found.allowed
        if one.url and "*" in one.url
    )
    is_started = any("command" in entry for entry in entries.values())
    return Connection(entries, _variables(server) if is_started else (), (*found.left_out, *open_ones))


def _variables(server: Server) -> tuple[str, ...]:
    release = server.pinned_release
    rows = [row for package in release.packages.all() for row in package.environment] if release else []
    return tuple(dict.fromkeys(str(row["name"]) for row in rows if row.get("name")))


def _text(written: dict[str, Any]) -> str:
    return json.dumps(written, indent=2, ensure_ascii=False)
