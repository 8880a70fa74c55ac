"""What hangs on whom: of which approved servers one vendor, host, country or package would take how many with it.

Counted are servers that are approved, each at the release that is pinned; critical are those of the tiers 1 and 2. A
vendor takes those behind which it stands in any role, and those of vendors that use it as a sub-processor, however far
up. An upstream service is the vendor in that role; a model provider takes servers whose use cases run on its models; a
country those of which a vendor sits there. A maintainer is who owns the repository of a server.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.models import Unit
from composition.models import Component, Inventory
from landscape.models import UseCase, UseCaseDeployment
from vendors.models import Remote, Server, ServerSupplier, SubProcessor, Vendor
from vendors.naming import repositories
from work.supply_chain import packages
from work.supply_chain.lists import counted

CRITICAL_TIERS = (1, 2)
VENDOR, HOST, MAINTAINER, PACKAGE = "vendor", "host", "maintainer", "package"
UPSTREAM, MODEL, COUNTRY = "upstream", "model", "country"
KINDS: Mapping[str, str] = {
    VENDOR: "Vendors",
    HOST: "Hosts",
    UPSTREAM: "Upstream services",
    MODEL: "Model providers",
    COUNTRY: "Countries",
    MAINTAINER: "Maintainers",
    PACKAGE: "Packages",
}
ONE: Mapping[str, str] = {
    VENDOR: "vendor",
    HOST: "host",
    UPSTREAM: "upstream service",
    MODEL: "model provider",
    COUNTRY: "country",
    MAINTAINER: "maintainer",
    PACKAGE: "package",
}
# Whose keys are the ids of vendors.
OF_VENDORS = (VENDOR, UPSTREAM, MODEL)
# So many are named of each kind.
NAMED = 50
# A chain of sub-processors that is longer than this tells nobody anything more.
_FAR = 10


class Way(NamedTuple):
    """A server that would be lost, and by what it hangs on the thing."""

    server: UUID
    words: str


@dataclass(frozen=True, slots=True)
class Load:
    """What one thing carries: its key and name, how many approved servers hang on it, and how many critical ones."""

    kind: str
    key: str
    name: str
    critical: int
    servers: int

    @property
    def lost(self) -> tuple[int, int]:
        """Return how many critical and how many approved servers it would take with it."""
        return self.critical, self.servers


@dataclass(frozen=True, slots=True)
class Share:
    """How concentrated critical servers are on things of a kind: the Herfindahl-Hirschman index, 0 to 10,000, over the
    `servers` of which one is on record, out of all (`of`).
    """

    index: int
    servers: int
    of: int


def approved(user: Any, *, unit: Unit | None) -> "QuerySet[Server]":
    """Return the servers that are counted."""
    return counted(user, unit=unit).order_by().filter(status=Server.Status.APPROVED)


def loads(kind: str, user: Any, *, unit: Unit | None) -> list[Load]:
    """Return what carries most critical servers, the most first; at most NAMED."""
    rows = approved(user, unit=unit)
    if kind == PACKAGE:
        return list(_packages(rows))
    tiers = dict(rows.values_list("pk", "inherent_tier"))
    found = []
    for (key, name), ways in _by_key(kind, rows).items():
        servers = {way.server for way in ways}
        critical = sum(tiers[server] in CRITICAL_TIERS for server in servers)
        found.append(Load(kind, key, name, critical, len(servers)))
    return sorted(found, key=lambda one: (-one.critical, -one.servers, one.name.lower(), one.key))[:NAMED]


def lost(kind: str, key: str, user: Any, *, unit: Unit | None) -> tuple[str, list[tuple[Server, str]]]:
    """Return the name of a thing, and the servers that would be lost with it, critical ones first, each with how.

    The name is empty where nothing hangs on it.
    """
    rows = approved(user, unit=unit)
    name, ways = _of_package(key, rows) if kind == PACKAGE else _of_key(kind, key, rows)
    words: dict[UUID, list[str]] = defaultdict(list)
    for way in ways:
        words[way.server].append(way.words)
    servers = Server.objects.filter(pk__in=words).select_related("unit", "levels")
    ordered = servers.order_by("inherent_tier", "title", "number")
    return name, [(server, "; ".join(dict.fromkeys(words[server.pk]))) for server in ordered]


def share(kind: str, user: Any, *, unit: Unit | None) -> Share | None:
    """Return how concentrated critical servers are on the things of a kind, None where none of any is on record.

    Of vendors it is that of publishers: in all roles together each server would count for many. A server that hangs on
    several counts for each in equal parts. Raises KeyError for packages, of which each server contains hundreds.
    """
    rows = approved(user, unit=unit).filter(inherent_tier__in=CRITICAL_TIERS)
    things: dict[UUID, set[str]] = defaultdict(set)
    for key, _name, way in _SHARED[kind](rows):
        things[way.server].add(key)
    if not things:
        return None
    counts: dict[str, Fraction] = defaultdict(Fraction)
    for keys in things.values():
        for key in keys:
            counts[key] += Fraction(1, len(keys))
    index = sum(count * count for count in counts.values()) * 10_000 / len(things) ** 2
    return Share(round(index), len(things), rows.count())


_Keyed = Mapping[tuple[str, str], list[Way]]


def _by_key(kind: str, rows: "QuerySet[Server]") -> _Keyed:
    found: dict[tuple[str, str], list[Way]] = defaultdict(list)
    for key, name, way in _BY_KIND[kind](rows):
        found[key, name].append(way)
    return found


def _of_key(kind: str, key: str, rows: "QuerySet[Server]") -> tuple[str, list[Way]]:
    return next(((name, ways) for (one, name), ways in _by_key(kind, rows).items() if one == key), ("", []))


_Rows = Iterator[tuple[str, str, Way]]


def _vendors(rows: "QuerySet[Server]") -> _Rows:
    supplies = ServerSupplier.objects.filter(server__in=rows).order_by("pk").values_list("server", "vendor", "role")
    users: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    for user, used, purpose in SubProcessor.objects.order_by("pk").values_list("vendor", "used", "purpose"):
        users[user].append((used, purpose))
    names = dict(Vendor.objects.values_list("pk", "name"))
    for server, vendor, role in supplies:
        yield str(vendor), names[vendor], Way(server, f"As {role}")
        for used, words in _used_by(vendor, users, names):
            yield str(used), names[used], Way(server, words)


def _used_by(
    vendor: UUID, users: Mapping[UUID, Iterable[tuple[UUID, str]]], names: Mapping[UUID, str]
) -> Iterator[tuple[UUID, str]]:
    """Yield whom a vendor uses, whom those use, and so on, each once, with the nearest reason."""
    seen, near = {vendor}, [vendor]
    for _step in range(_FAR):
        further = []
        for one in near:
            for used, purpose in users.get(one, ()):
                if used not in seen:
                    seen.add(used)
                    further.append(used)
                    yield used, f"{names[one]} uses it for {purpose}"
        near = further


def _publishers(rows: "QuerySet[Server]") -> _Rows:
    publishers = ServerSupplier.objects.publishers().filter(server__in=rows)
    for server, vendor, name in publishers.values_list("server", "vendor", "vendor__name"):
        yield str(vendor), name, Way(server, "As publisher")


def _hosts(rows: "QuerySet[Server]") -> _Rows:
    remotes = Remote.objects.filter(release__pinned_by__in=rows).order_by("pk")
    for server, url in remotes.values_list("release__pinned_by", "url"):
        if host := _host(url):
            yield host, host, Way(server, url)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _upstream(rows: "QuerySet[Server]") -> _Rows:
    role = ServerSupplier.SupplierRole.UPSTREAM
    supplies = ServerSupplier.objects.filter(server__in=rows, role=role).order_by("pk")
    for server, vendor, name in supplies.values_list("server", "vendor", "vendor__name"):
        yield str(vendor), name, Way(server, "Calls it")


def _models(rows: "QuerySet[Server]") -> _Rows:
    links = UseCaseDeployment.objects.filter(
        deployment__server__in=rows,
        deployment__ended_on__isnull=True,
        use_case__in=UseCase.objects.standing(),
        use_case__model_vendor__isnull=False,
    ).order_by("pk")
    for server, vendor, name, use_case in links.values_list(
        "deployment__server", "use_case__model_vendor", "use_case__model_vendor__name", "use_case__name"
    ):
        yield str(vendor), name, Way(server, f"{use_case} runs on its model")


def _countries(rows: "QuerySet[Server]") -> _Rows:
    supplies = ServerSupplier.objects.filter(server__in=rows).exclude(vendor__country="").order_by("pk")
    for server, code, vendor, role in supplies.values_list("server", "vendor__country", "vendor__name", "role"):
        yield code, code, Way(server, f"{vendor} as {role}")


def _maintainers(rows: "QuerySet[Server]") -> _Rows:
    for server, url in rows.exclude(repository_url="").values_list("pk", "repository_url"):
        name = repositories.name_of(url)
        if name:
            owner = name.rpartition("/")[0]
            yield owner, owner, Way(server, f"owns {name}")


_BY_KIND: Mapping[str, Callable[["QuerySet[Server]"], _Rows]] = {
    VENDOR: _vendors,
    HOST: _hosts,
    UPSTREAM: _upstream,
    MODEL: _models,
    COUNTRY: _countries,
    MAINTAINER: _maintainers,
}
# What the index of a kind is of, and what tells it.
_SHARED = {**_BY_KIND, VENDOR: _publishers}
SHARED: Mapping[str, str] = {kind: "Publishers" if kind == VENDOR else KINDS[kind] for kind in _SHARED}


def _components(rows: "QuerySet[Server]") -> "QuerySet[Component]":
    """Return what the current inventories of the pinned releases list."""
    current = Component.objects.filter(inventory__status=Inventory.Status.CURRENT).order_by()
    return current.filter(inventory__release__pinned_by__in=rows).exclude(package_version__ecosystem="")


def _packages(rows: "QuerySet[Server]") -> Iterator[Load]:
    """Yield the packages that most critical servers contain, counted in the database: one statement."""
    critical = Q(inventory__server__inherent_tier__in=CRITICAL_TIERS)
    counted = (
        _components(rows)
        .values_list("package_version__ecosystem", "package_version__name")
        .annotate(
            _servers=Count("inventory__server", distinct=True),
            _critical=Count("inventory__server", distinct=True, filter=critical),
        )
        .order_by("-_critical", "-_servers", "package_version__name", "package_version__ecosystem")
    )
    for ecosystem, name, servers, of_them in counted[:NAMED]:
        yield Load(PACKAGE, packages.key(ecosystem, name), f"{name} ({ecosystem})", of_them, servers)


def _of_package(key: str, rows: "QuerySet[Server]") -> tuple[str, list[Way]]:
    ecosystem, name = packages.read(key)
    found = _components(rows).filter(package_version__ecosystem=ecosystem, package_version__name=name).order_by("pk")
    listed = found.values_list("inventory__server", "package_version__version", "path")
    ways = [Way(server, _through(version, path)) for server, version, path in listed]
    return (f"{name} ({ecosystem})" if ways else ""), ways


def _through(version: str, path: list[str]) -> str:
    through = " > ".join(path)
    return f"{version or 'without a version'}{f', by {through}' if through else ''}"
