"""A look at a server that the official library runs: what is pinned is what it sends."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from mcp.server import mcpserver

from inspection.looking import Target, look
from monitoring.models import Run
from tests.inspection.test_looking import LOOPBACK
from tests.waiting import until
from vendors.offered import manifest


@contextmanager
def official() -> Iterator[str]:
    """Give the address of a server with two tools and a prompt."""
    made = mcpserver.MCPServer("acme-crm", instructions="Ask for customers.", version="1.4.2")

    @made.tool()
    def find_customer(name: str) -> str:
        """Find a customer by name."""
        return name

    @made.tool()
    def drop_customer(number: int) -> str:
        """Remove a customer for good."""
        return str(number)

    @made.prompt()
    def greet(name: str) -> str:
        """Greet somebody."""
        return name

    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(made.streamable_http_app(), log_level="error", lifespan="on"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[taken])), daemon=True)
    thread.start()
    try:
        until(lambda: server.started, what="the official server")
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/mcp"
    finally:
        server.should_exit = True
        thread.join()
        taken.close()


def test_a_look_at_the_official_server_sees_what_it_offers():
    with official() as url:
        found = look(Target(url=url, allowed=LOOPBACK))

    assert (found.outcome, found.why) == (Run.Status.COMPLETE, "")
    captured = manifest.parse(found.raw)
    assert [one.name for one in captured.tools] == ["drop_customer", "find_customer"]
    assert [(one.kind, one.key) for one in captured.offerings] == [("prompt", "greet")]
    assert captured.instructions == "Ask for customers."
    assert captured.protocol_version == "2026-07-28"
    assert (captured.server_name, captured.server_version) == ("acme-crm", "1.4.2")
