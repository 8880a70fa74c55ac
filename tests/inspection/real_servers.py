"""Servers that others wrote, as script/bootstrap installs them by their locks, each as the tests start it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from inspection.packages import Packaged
from tests.waiting import until

SERVERS = Path(sys.prefix) / "servers"
EVERYTHING, FILESYSTEM = "@modelcontextprotocol/server-everything", "@modelcontextprotocol/server-filesystem"
FETCH = "mcp-server-fetch"
VERSIONS = {EVERYTHING: "2026.8.31", FILESYSTEM: "2026.8.31", FETCH: "2026.10.24"}
# The one that wants something at its start: a folder.
FOLDER = {"value_hint": "allowed_dir", "is_required": True, "format": "filepath"}


def are_there() -> bool:
    """Return whether they are installed on this machine."""
    return (SERVERS / "locked").exists()


def package(folder: Path, name: str) -> Packaged:
    """Return a package as it is prepared in a folder, where all of one registry are installed together."""
    kind, installed = ("pypi", "python") if name == FETCH else ("npm", "node")
    arguments: list[dict[str, Any]] = [FOLDER] if name == FILESYSTEM else []
    made = Packaged(registry_type=kind, identifier=name, version=VERSIONS[name], arguments=arguments, folder=folder)
    made.place.parent.mkdir(parents=True, exist_ok=True)
    made.place.symlink_to(SERVERS / installed)
    return made


@contextmanager
def everything_over_http() -> Iterator[str]:
    """Give the address of server-everything, which serves over Streamable HTTP until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = SERVERS / "node" / "node_modules" / ".bin" / "mcp-server-everything"
    server = subprocess.Popen(
        [command, "streamableHttp"], env={"PATH": os.environ["PATH"], "PORT": str(port)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(lambda: _answers(port), what="server-everything over HTTP")
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        server.kill()
        server.wait()


def _answers(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0
