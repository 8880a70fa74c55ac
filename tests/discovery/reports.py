"""Reports of machines as tests write them."""

import json
from datetime import datetime
from typing import Any

from accounts.models import Unit, User
from discovery import applying, incoming
from discovery.models import Discovery
from tests.cast import NOON

FS = {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "/srv"]}
FS_IS = "npm:@modelcontextprotocol/server-filesystem"

# No system looks at a name of so many characters: it refuses as it does where nobody may look.
TOO_LONG = "x" * 300


def receive(
    servers: dict[str, Any] | bytes,
    *,
    unit: Unit,
    by: User,
    now: datetime = NOON,
    machine: str = "LAPTOP-7",
    path: str = "~/.cursor/mcp.json",
) -> Discovery:
    """Return the record of a report of one file: its servers, or its bytes."""
    raw = servers if isinstance(servers, bytes) else json.dumps({"mcpServers": servers}).encode()
    read = incoming.of_files(machine, [(path, raw)])
    return applying.receive(read, unit=unit, via=Discovery.Via.PAGE, by=by, now=now)
