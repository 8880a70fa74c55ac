"""Which shared services deployments run behind, and how far what these give can be relied on.

A deployment inherits from the services that it runs behind. A server inherits from those that stand in front of every
one of its deployments in use: of any other, what the service gives does not hold for all of the server.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import QuerySet

from landscape.models import SharedService
from vendors.models import Deployment, Server

NOBODY: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Giver:
    """A shared service in use: what it is called, with why what it gives does not hold in full ("": it does)."""

    name: str
    flaw: str

    @property
    def is_whole(self) -> bool:
        """Return whether what it has in place can be relied on."""
        return not self.flaw

    def __str__(self) -> str:
        """Return e.g. "SV-3 Tool gateway, which can be bypassed"."""
        return f"{self.name}, {self.flaw}" if self.flaw else self.name


@dataclass(frozen=True, slots=True)
class Behind:
    """The services in front of each deployment, and those in front of all that is in use of a server."""

    of_servers: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)
    of_deployments: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)

    def of(self, server: UUID | None, deployment: UUID | None) -> frozenset[UUID]:
        """Return the services that a deployment inherits from, or, without one, a server."""
        if deployment:
            return self.of_deployments.get(deployment, NOBODY)
        return self.of_servers.get(server, NOBODY) if server else NOBODY


def givers(services: Collection[UUID]) -> dict[UUID, Giver]:
    """Return those of the services that are in use. One statement."""
    rows = SharedService.objects.standing().filter(pk__in=services)
    return {row.pk: Giver(str(row), flaw_of(row)) for row in rows}


def flaw_of(service: SharedService) -> str:
    """Return in words why what a service has in place does not hold in full for what runs behind it; empty: it does."""
    if service.can_be_bypassed:
        return "which can be bypassed"
    if service.assessment_result == SharedService.Result.FAILED:
        return "which was assessed not to hold"
    return ""


def behind(servers: "QuerySet[Server]", services: Collection[UUID]) -> Behind:
    """Return which of the services stand in front of the deployments of these servers. One statement."""
    links: dict[UUID, set[UUID]] = defaultdict(set)
    in_use: dict[UUID, set[UUID]] = defaultdict(set)
    rows = Deployment.objects.filter(server__in=servers.order_by().values("pk")).order_by()
    for key, server, ended_on, service in rows.values_list("pk", "server_id", "ended_on", "behind__service_id"):
        if ended_on is None:
            in_use[server].add(key)
        if service in services:
            links[key].add(service)
    of_deployments = {key: frozenset(found) for key, found in links.items()}
    shared = {
        server: frozenset.intersection(*(of_deployments.get(key, NOBODY) for key in keys))
        for server, keys in in_use.items()
    }
    return Behind({server: found for server, found in shared.items() if found}, of_deployments)
