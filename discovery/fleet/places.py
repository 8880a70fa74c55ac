"""Where clients keep their configurations on Linux, macOS and Windows, and looking there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from discovery.fleet.documents import FILE_LIMIT
from discovery.fleet.reading import Found, Unread, read_file

PROJECT_FILE = "Project file"
# Below a home, by client. What lies elsewhere on another system stands here too: no harm in looking.
_SUPPORT = ("Library/Application Support", ".config", "AppData/Roaming")
_BELOW_HOME = (
    *(("Claude Desktop", f"{folder}/Claude/claude_desktop_config.json") for folder in _SUPPORT),
    ("Claude Code", ".claude.json"),
    *(("VS Code", f"{folder}/Code/User/mcp.json") for folder in _SUPPORT),
    *(("VS Code", f"{folder}/Code/User/settings.json") for folder in _SUPPORT),
    *(("VS Code", f"{folder}/Code/User/profiles/*/mcp.json") for folder in _SUPPORT),
    ("VS Code", ".vscode/mcp.json"),
    ("Copilot CLI", ".copilot/mcp-config.json"),
    ("Cursor", ".cursor/mcp.json"),
    ("Windsurf", ".codeium/windsurf/mcp_config.json"),
    ("Gemini CLI", ".gemini/settings.json"),
    ("Antigravity", ".gemini/antigravity/mcp_config.json"),
    ("Kiro", ".kiro/settings/mcp.json"),
    ("Kiro", ".kiro/agents/*.json"),
    ("Amazon Q", ".aws/amazonq/mcp.json"),
    ("Amazon Q", ".aws/amazonq/agents/*.json"),
    ("Codex", ".codex/*config.toml"),
    ("opencode", ".config/opencode/opencode.json"),
    ("opencode", ".config/opencode/opencode.jsonc"),
)
_PLUGINS = ("Claude Code", (".claude/plugins/cache", ".claude/plugins/repos"), ".mcp.json")
_OF_THE_MACHINE = (
    ("Claude Code", "/Library/Application Support/ClaudeCode/managed-mcp.json"),
    ("Claude Code", "/etc/claude-code/managed-mcp.json"),
    ("Claude Code", "C:/Program Files/ClaudeCode/managed-mcp.json"),
    ("Codex", "/etc/codex/config.toml"),
    ("opencode", "/etc/opencode/opencode.json"),
)
_OF_A_PROJECT = (
    (PROJECT_FILE, ".mcp.json"),
    ("VS Code", ".vscode/mcp.json"),
    ("Cursor", ".cursor/mcp.json"),
    ("Windsurf", ".windsurf/mcp.json"),
    ("Kiro", ".kiro/settings/mcp.json"),
    ("Codex", ".codex/config.toml"),
    ("opencode", "opencode.json"),
)
CLIENTS = tuple(sorted({client for client, _path in (*_BELOW_HOME, *_OF_THE_MACHINE, *_OF_A_PROJECT)}))


def look_below(homes: Iterable[Path], projects: Iterable[Path]) -> Iterator[Found]:
    """Yield what lies at the known places, below these homes and projects; each file once.

    A place where nobody may look is one that cannot be opened.
    """
    seen: set[str] = set()
    for client, path, shown in _candidates(list(homes), list(projects)):
        # Path.resolve raises for links that lead in a circle, in most versions.
        real = os.path.realpath(path)
        if real not in seen and _may_be_there(path):
            seen.add(real)
            yield look_at(path, shown, client=client)


def look_at(path: Path, shown: str, *, client: str = "") -> Found:
    """Return what one file holds; one that cannot be opened says so."""
    try:
        # One byte more than is read, so that reading is what refuses it.
        with path.open("rb") as file:
            raw = file.read(FILE_LIMIT + 1)
    except OSError as error:
        return Found(client, [], [Unread(shown, "", f"It cannot be opened: {error.strerror}.")])
    return read_file(raw, shown, client=client)


def _may_be_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return True


def _candidates(homes: list[Path], projects: list[Path]) -> Iterator[tuple[str, Path, str]]:
    for home in homes:
        # Several people on one machine have their files at the same places.
        tilde = "~" if len(homes) == 1 else f"~{home.name}"
        for client, below in _BELOW_HOME:
            yield from _below(home, below, client, tilde)
        client, folders, name = _PLUGINS
        for folder in folders:
            yield from _below(home, f"{folder}/**/{name}", client, tilde)
    for client, absolute in _OF_THE_MACHINE:
        yield client, Path(absolute), absolute
    moved = os.environ.get("CLAUDE_CONFIG_DIR")
    if moved:
        yield "Claude Code", Path(moved) / ".claude.json", "~/.claude.json"
    for project in projects:
        for client, below in _OF_A_PROJECT:
            yield from _below(project, below, client, project.name)


def _below(folder: Path, pattern: str, client: str, shown: str) -> Iterator[tuple[str, Path, str]]:
    try:
        found = sorted(folder.glob(pattern)) if "*" in pattern else [folder / pattern]
    except OSError:
        found = [folder / pattern]
    for path in found:
        yield client, path, f"{shown}/{path.relative_to(folder).as_posix()}"
