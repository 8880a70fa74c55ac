"""What stops if something stops: the links on record that a person may see, and what follows of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from landscape import stopping
from landscape.models import (
    BusinessProcess,
    DeploymentService,
    SharedService,
    UseCase,
    UseCaseDeployment,
    UseCaseProcess,
)
from landscape.stopping import DEPLOYMENT, PROCESS, SERVER, SERVICE, USE_CASE, VENDOR, Link, Recovery, Stop
from vendors.models import Deployment, Server, ServerSupplier, SubProcessor, Vendor

WORDS = {
    VENDOR: "Vendors",
    SERVICE: "Shared services",
    SERVER: "Servers",
    DEPLOYMENT: "Deployments",
    USE_CASE: "Use cases",
    PROCESS: "Business processes",
}
MODELS: dict[str, type[Model]] = {
    VENDOR: Vendor,
    SERVICE: SharedService,
    SERVER: Server,
    DEPLOYMENT: Deployment,
    USE_CASE: UseCase,
    PROCESS: BusinessProcess,
}
# So many of each kind are named; the figures count all.
NAMED = 50


@dataclass(frozen=True, slots=True)
class Stopped:
    """A row that stops, how it hangs on what stopped before it, and whether only when a stand-in fails too."""

    row: Any
    how: str
    stand_in: str


@dataclass(frozen=True, slots=True)
class Group:
    """What stops of one kind: how many surely, how many only without a stand-in, and the first of them."""

    kind: str
    surely: int
    perhaps: int
    named: list[Stopped]

    @property
    def words(self) -> str:
        """Return what they are."""
        return WORDS[self.kind]

    @property
    def more(self) -> int:
        """Return how many are not named."""
        return self.surely + self.perhaps - len(self.named)


@dataclass(frozen=True, slots=True)
class Impact:
    """What stops, kind by kind, and how soon the processes among it must go on."""

    groups: list[Group]
    recovery: Recovery

    @property
    def processes(self) -> int:
        """Return how many business processes surely stop."""
        return sum(group.surely for group in self.groups if group.kind == PROCESS)


def of(row: Vendor | SharedService | Server, user: Any) -> Impact:
    """Return what stops if the row stops, as far as the person may see it."""
    kind = next(kind for kind, model in MODELS.items() if isinstance(row, model))
    found = stopping.stops((kind, row.pk), _links(kind, row.pk, user))
    groups = [_group(one, [stop for stop in found if stop.node[0] == one]) for one in MODELS]
    keys = [stop.node[1] for stop in found if stop.node[0] == PROCESS]
    hours = dict(BusinessProcess.objects.filter(pk__in=keys).values_list("pk", "recovery_hours"))
    return Impact([group for group in groups if group.surely or group.perhaps], stopping.recovery(found, hours))


def needing(servers: Iterable[Server], user: Any) -> "QuerySet[BusinessProcess]":
    """Return the processes that need one of these servers, as far as the person may see it, by name.

    Whether a fallback would hold one up is not asked.
    """
    current = Deployment.objects.visible_to(user).filter(ended_on__isnull=True, server__in=list(servers))
    works_with = UseCaseDeployment.objects.filter(deployment__in=current)
    needed = UseCase.objects.visible_to(user).standing().filter(pk__in=works_with.values("use_case"))
    serves = UseCaseProcess.objects.filter(use_case__in=needed)
    return BusinessProcess.objects.visible_to(user).standing().filter(pk__in=serves.values("process"))


def _group(kind: str, found: list[Stop]) -> Group:
    perhaps = sum(stop.only_without_stand_in for stop in found)
    first = found[:NAMED]
    related = ("server",) if kind == DEPLOYMENT else ("unit",) if kind != VENDOR else ()
    rows = MODELS[kind]._default_manager.select_related(*related).in_bulk([stop.node[1] for stop in first])
    named = [Stopped(rows[stop.node[1]], stop.by.how, stop.by.stand_in) for stop in first if stop.node[1] in rows]
    return Group(kind, len(found) - perhaps, perhaps, named)


def _links(kind: str, key: UUID, user: Any) -> Iterator[Link]:
    """Yield the links that can lead from the row to what stops with it, and of no other rows."""
    vendors = [key] if kind == VENDOR else []
    if vendors:
        for link in _of_sub_processors(key):
            vendors.append(link.effect[1])
            yield link
    services = SharedService.objects.visible_to(user).standing().filter(Q(pk=key) | Q(vendor__in=vendors))
    for vendor, service in services.filter(vendor__in=vendors).values_list("vendor", "pk"):
        yield Link((VENDOR, vendor), (SERVICE, service), "It runs the service")
    in_use = Server.objects.visible_to(user).exclude(status__in=Server.OUT_OF_USE)
    behind = ServerSupplier.objects.filter(vendor__in=vendors, server__in=in_use)
    for vendor, server, role in behind.values_list("vendor", "server", "role"):
        yield Link((VENDOR, vendor), (SERVER, server), f"Its {role}")
    servers = in_use.filter(Q(pk=key) | Q(pk__in=behind.values("server")))
    current = Deployment.objects.visible_to(user).filter(ended_on__isnull=True)
    run_behind = DeploymentService.objects.filter(service__in=services, deployment__in=current)
    for service, deployment, stand_in in run_behind.values_list("service", "deployment", "service__stand_in"):
        yield Link((SERVICE, service), (DEPLOYMENT, deployment), "Runs behind it", stand_in)
    stopped = current.filter(Q(server__in=servers) | Q(pk__in=run_behind.values("deployment")))
    fallback = "technical_profile__fallback"
    running = stopped.filter(server__in=servers).values_list(
        "pk", "server", fallback, f"{fallback}__title", f"{fallback}__status"
    )
    for deployment, server, other, title, status in running:
        how = "It is one of its deployments"
        # One that is out of use by now takes nobody's place.
        if other is None or status in Server.OUT_OF_USE:
            yield Link((SERVER, server), (DEPLOYMENT, deployment), how)
        else:
            yield Link((SERVER, server), (DEPLOYMENT, deployment), how, title, (SERVER, other))
    yield from _of_use_cases(vendors, stopped, user)


def _of_sub_processors(key: UUID) -> Iterator[Link]:
    """Yield whose services rest on a vendor, however far up, each link once."""
    near, seen = {key}, {key}
    while near:
        rows = (
            SubProcessor.objects.filter(used__in=near).exclude(vendor__in=seen).values_list("used", "vendor", "purpose")
        )
        links = [Link((VENDOR, used), (VENDOR, vendor), f"Uses it for {purpose}") for used, vendor, purpose in rows]
        near = {link.effect[1] for link in links}
        seen |= near
        yield from links


def _of_use_cases(vendors: Iterable[UUID], deployments: "QuerySet[Deployment]", user: Any) -> Iterator[Link]:
    standing = UseCase.objects.visible_to(user).standing()
    works_with = UseCaseDeployment.objects.filter(deployment__in=deployments, use_case__in=standing)
    for deployment, use_case in works_with.values_list("deployment", "use_case"):
        yield Link((DEPLOYMENT, deployment), (USE_CASE, use_case), "Works with it")
    runs_on = standing.filter(model_vendor__in=vendors)
    for vendor, use_case in runs_on.values_list("model_vendor", "pk"):
        yield Link((VENDOR, vendor), (USE_CASE, use_case), "Runs on its model")
    stopped = standing.filter(Q(pk__in=works_with.values("use_case")) | Q(pk__in=runs_on.values("pk")))
    going_on = BusinessProcess.objects.visible_to(user).standing()
    serves = UseCaseProcess.objects.filter(use_case__in=stopped, process__in=going_on)
    for use_case, process in serves.values_list("use_case", "process"):
        yield Link((USE_CASE, use_case), (PROCESS, process), "Needs it")
