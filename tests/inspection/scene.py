"""A server of Payments that bob approved, whose vendor is a server of MCP on this machine."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.test import override_settings

from accounts.models import User
from inspection import inspecting
from monitoring import applying
from monitoring.models import Run
from tests.containment import approved
from tests.containment.approved import Approved
from tests.inspection.mcp_server import McpServer, running
from vendors.models import Server

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@dataclass
class Scene:
    """The approved server, and what its vendor runs."""

    approved: Approved
    vendor: McpServer

    @property
    def server(self) -> Server:
        """Return the server as it is now."""
        return Server.objects.get(pk=self.approved.server.pk)

    @property
    def alice(self) -> User:
        """Return the analyst."""
        return self.approved.scene.people.alice

    def look(self, *, now: Any) -> Run:
        """Return a whole look, as a worker takes it."""
        run = applying.begin(inspecting.ask(self.server, by=self.alice, now=now), now=now)
        seen, raw = inspecting.perform(run, now=now)
        inspecting.apply(run, seen, raw, now=now)
        return Run.objects.get(pk=run.pk)


@contextmanager
def set_up(vendor: McpServer | None = None, **settings: Any) -> Iterator[Scene]:
    """Give the scene; the tools that bob approved, look_up and warn, are those of `tests.containment.approved`."""
    with running(vendor) as served, override_settings(OUTBOUND_ALLOW=LOOPBACK, **settings):
        yield Scene(approved.set_up(remotes=[{"type": "streamable-http", "url": served.url}]), served)


def same_tools() -> list[dict[str, Any]]:
    """Return the tools that bob approved, as a server sends them."""
    return [{"name": name, "inputSchema": {"type": "object"}, "annotations": {}} for name in ("look_up", "warn")]
