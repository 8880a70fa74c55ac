"""Where clients keep their servers: the shapes of configuration files, and by which client a file is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

UNKNOWN_CLIENT = "Unknown client"
# By the end of a path, the more special before the less.
_CLIENTS = (
    (r"claude_desktop_config\.json", "Claude Desktop"),
    (r"(?:^|/)\.claude\.json|(?:^|/)\.claude/|managed-mcp\.json|(?:^|/)\.config\.json", "Claude Code"),
    (r"(?:^|/)\.copilot/|mcp-config\.json", "Copilot CLI"),
    (r"(?:^|/)\.cursor/", "Cursor"),
    (r"(?:^|/)(?:\.codeium/)?\.?windsurf/|mcp_config\.json", "Windsurf"),
    (r"(?:^|/)\.gemini/antigravity/", "Antigravity"),
    (r"(?:^|/)\.gemini/", "Gemini CLI"),
    (r"(?:^|/)\.kiro/", "Kiro"),
    (r"(?:^|/)(?:\.aws/)?amazonq/", "Amazon Q"),
    (r"(?:^|/)\.codex/|(?:^|/)etc/codex/|config\.toml", "Codex"),
    (r"(?:^|/)opencode/|opencode\.jsonc?", "opencode"),
    (r"(?:^|/)\.?vscode/|Code(?: - Insiders)?/User/", "VS Code"),
    (r"(?:^|/)\.mcp\.json", "Project file"),
)
_BY_SHAPE = {"servers": "VS Code", "mcp.servers": "VS Code", "mcp_servers": "Codex", "mcp": "opencode"}
_OF_AN_ENTRY = ("command", "url", "serverUrl", "httpUrl")


class NoServers(Exception):
    """What should hold servers by its name is something else; the message says what."""


def client_of(path: str, shape: str = "") -> str:
    """Return the client that reads a file of this name, else the one that writes this shape."""
    plain = path.replace("\\", "/")
    by_path = next((client for ends, client in _CLIENTS if re.search(ends, plain, re.IGNORECASE)), "")
    return by_path or _BY_SHAPE.get(shape, UNKNOWN_CLIENT)


def servers_in(document: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield where in a document a group of servers stands (empty: at the top), in which shape, and the group.

    Raises NoServers for a document that is no object. A group may be anything: whoever wrote it may have erred.
    """
    if not isinstance(document, dict):
        raise NoServers("It holds no object. Give the configuration of a client.")
    found = [*_of_claude(document), *_of_vscode(document), *_of_others(document)]
    if not found and _is_flat(document):
        # It matches nearly anything, and so comes last.
        found = [("", "flat", document)]
    yield from found


def _of_claude(document: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    if "mcpServers" in document:
        yield "", "mcpServers", document["mcpServers"]
    projects = document.get("projects")
    for path, project in projects.items() if isinstance(projects, dict) else ():
        if isinstance(project, dict) and project.get("mcpServers"):
            yield str(path), "mcpServers", project["mcpServers"]
    powers = document.get("powers")
    if isinstance(powers, dict) and "mcpServers" in powers:
        yield "powers", "mcpServers", powers["mcpServers"]


def _of_vscode(document: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    if "servers" in document and not _is_entry(document["servers"]):
        yield "", "servers", document["servers"]
    mcp = document.get("mcp", document.get("mcp.servers"))
    if "mcp.servers" in document:
        yield "", "mcp.servers", document["mcp.servers"]
    elif isinstance(mcp, dict) and "servers" in mcp and not _is_entry(mcp["servers"]):
        yield "", "mcp.servers", mcp["servers"]


def _of_others(document: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    if "mcp_servers" in document:
        yield "", "mcp_servers", document["mcp_servers"]
    mcp = document.get("mcp")
    if isinstance(mcp, dict) and any(_is_entry(one) for one in mcp.values()):
        own = {name: one for name, one in mcp.items() if name != "servers" or _is_entry(one)}
        yield "", "mcp", own


def _is_flat(document: dict[str, Any]) -> bool:
    return any(_is_entry(one) for one in document.values())


def _is_entry(value: Any) -> bool:
    return isinstance(value, dict) and any(isinstance(value.get(key), (str, list)) for key in _OF_AN_ENTRY)
