"""The script itself: looks at the known places of a machine, prints what it would send, and sends it when told."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from discovery.fleet.places import CLIENTS, PROJECT_FILE, look_below
from discovery.fleet.reading import ENTRIES_LIMIT, Found

FORMAT = "mcp-discovery/1"
TOKEN = "RISKREGISTER_TOKEN"  # noqa: S105
_PATIENCE = 60
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def report_of(machine: str, found: Iterable[Found], *, looked_for: Sequence[str]) -> dict[str, Any]:
    """Return what is sent of a machine. `looked_for` names the clients of which all was looked for, found or not."""
    files = [
        {
            "client": one.client,
            "entries": [entry.as_sent() for entry in one.entries],
            "unread": [unread.as_sent() for unread in one.unread],
        }
        for one in found
        if one.entries or one.unread
    ]
    return {"format": FORMAT, "machine": machine, "looked_for": list(looked_for), "files": files}


def main(arguments: Sequence[str]) -> int:
    """Print or send what is found; return 0, or 1 when it could not be sent."""
    asked = _arguments().parse_args(arguments)
    homes = asked.home or [Path.home()]
    looked_for = [client for client in CLIENTS if asked.project or client != PROJECT_FILE]
    report = report_of(asked.machine, look_below(homes, asked.project), looked_for=looked_for)
    if asked.unit:
        report["unit"] = asked.unit
    entries = sum(len(one["entries"]) for one in report["files"])
    if not asked.send:
        print(json.dumps(report, indent=2, ensure_ascii=False))
        return 0
    if entries > ENTRIES_LIMIT:
        return _failed(f"{entries} servers are more than the {ENTRIES_LIMIT} of one report. Send homes one by one.")
    return _send(asked.send, report)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Find the MCP servers that the clients on this machine are configured with. Values of variables, "
        "headers and arguments are never read into the report. Without --send nothing leaves the machine."
    )
    parser.add_argument("--machine", default=platform.node() or "unnamed", help="its label; the host name unless said")
    parser.add_argument("--unit", default="", help="id of the business unit that it belongs to")
    parser.add_argument("--home", type=Path, action="append", help="a person's home, any number; yours unless said")
    parser.add_argument("--project", type=Path, action="append", default=[], help="a folder of a project, any number")
    parser.add_argument(
        "--send", metavar="URL", help=f"address of the register; {TOKEN} in the environment holds the token"
    )
    return parser


def _send(register: str, report: dict[str, Any]) -> int:
    token = os.environ.get(TOKEN, "").strip()
    if not token:
        return _failed(f"Set {TOKEN} to a token with the scope discover.")
    if not _keeps_the_token(register):
        return _failed("Give an address with https://: the token is sent to it.")
    request = urllib.request.Request(  # noqa: S310
        f"{register.rstrip('/')}/api/v1/discoveries/",
        data=json.dumps(report).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=_PATIENCE) as answer:
            receipt = json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return _failed(f"The register answered {error.code}: {error.read(2000).decode('utf-8', 'replace')}")
    except (OSError, ValueError) as error:
        return _failed(f"The register was not reached: {error}")
    print(f"Sent: {receipt['entries']} servers, {receipt['unapproved']} of them new and not approved.")
    return 0


def _keeps_the_token(register: str) -> bool:
    """Return whether nobody on the way can read what is sent there: it goes by TLS, or stays on this machine."""
    try:
        parts = urlsplit(register)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows nobody: the token would go with the request."""

    def redirect_request(self, *how: Any) -> None:
        """Return nothing, so that the answer is the redirect itself."""


def _failed(why: str) -> int:
    print(why, file=sys.stderr)
    return 1
