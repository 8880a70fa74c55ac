"""What machines of the example are configured with: what is approved, and something that nobody had asked for."""

import json
from functools import partial
from typing import Any

from demo.diary import Diary
from demo.organisation import Organisation
from discovery import applying, incoming
from discovery.models import Discovery

_PATH = "~/.cursor/mcp.json"


def tell(diary: Diary, organisation: Organisation) -> None:
    """Note in the diary when machines of Research report."""
    servers = {
        "context7": {"command": "npx", "args": ["-y", "@upstash/context7-mcp@4.1.1"]},
        "notes": {"command": "npx", "args": ["-y", "@example-labs/notes-mcp@latest"], "env": {"NOTES_KEY": "example"}},
    }
    diary.on(12, partial(_report, diary, organisation, "RESEARCH-07", servers))
    # One entry cannot be read: of that nothing is known.
    diary.on(3, partial(_report, diary, organisation, "RESEARCH-11", servers | {"scratch": {"args": []}}))


def _report(diary: Diary, organisation: Organisation, machine: str, servers: dict[str, Any]) -> None:
    read = incoming.of_files(machine, [(_PATH, json.dumps({"mcpServers": servers}).encode())])
    unit, by = organisation.unit("research"), organisation.person("jonas")
    diary.do(by, applying.receive, read, unit=unit, via=Discovery.Via.PAGE)
