"""Which statements speak of which hits: by the names of the vulnerability and the package, whoever published either."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from composition.models import Hit, Identifier, Statement
from composition.packages import ecosystems
from composition.statements import products
from vendors.models import Package, Release, Server

Pair = tuple[Statement, Hit]


def of_hits(server: Server, hits: Sequence[Hit], *, now: datetime) -> list[Pair]:
    """Return what statements in force say of the hits of a server."""
    if not hits:
        return []
    packages = _packages(server)
    folded = {_folded(hit) for hit in hits}.union(*(products.folded_names(one) for one in packages))
    in_force = Statement.objects.in_force(today=timezone.localdate(now)).about(server)
    statements = list(in_force.filter(folded__in=folded))
    return list(_pairs(statements, hits, packages)) if statements else []


def of_statements(statements: Sequence[Statement]) -> Iterator[tuple[Server, list[Pair]]]:
    """Yield the servers on which something is seen that statements of one scope speak of, and what they say of it."""
    names = {name for one in statements for name in one.names}
    known = Identifier.objects.filter(name__in=[*names, *(name.upper() for name in names)]).values("vulnerability")
    hits = Hit.objects.filter(vulnerability__in=known, observation__is_seen=True)
    for server in Server.objects.filter(_in_scope(statements[0]), Exists(hits.filter(server=OuterRef("pk")))):
        some = list(hits.filter(server=server).select_related("server", "vulnerability", "observation__finding"))
        relied_on = Release.objects.relied_on(server)
        about = [one for one in statements if one.release_id is None or one.release == relied_on]
        if pairs := list(_pairs(about, some, _packages(server))):
            yield server, pairs


def covers(statement: Statement, hit: Hit) -> bool:
    """Return whether a statement speaks of every version of the package that is hit: of other packages of all."""
    if not statement.versions or not _is_of_package(statement, hit):
        return True
    return set(hit.versions) <= set(statement.versions)


def _in_scope(statement: Statement) -> Q:
    if statement.server_id:
        return Q(pk=statement.server_id)
    return Q(unit=statement.unit_id) if statement.unit_id else Q()


def _packages(server: Server) -> list[Package]:
    release = Release.objects.relied_on(server)
    return list(release.packages.all()) if release else []


def _pairs(statements: Iterable[Statement], hits: Sequence[Hit], packages: Sequence[Package]) -> Iterator[Pair]:
    names = _names(hits)
    for statement in statements:
        stated_names = {name.casefold() for name in statement.names}
        for hit in hits:
            if not stated_names.isdisjoint(names[hit.vulnerability_id]) and _is_about(statement, hit, packages):
                yield statement, hit


def _names(hits: Iterable[Hit]) -> Mapping[UUID, Collection[str]]:
    found: dict[UUID, set[str]] = {hit.vulnerability_id: set() for hit in hits}
    rows: QuerySet[Identifier] = Identifier.objects.filter(vulnerability__in=found)
    for name, key in rows.values_list("name", "vulnerability"):
        found[key].add(name.casefold())
    return found


def _is_about(statement: Statement, hit: Hit, packages: Sequence[Package]) -> bool:
    """Return whether it is about the package that is hit, in this server, or about the server itself.

    Who took it in for one server has said that its product is that one; for more than one, the product must be known.
    """
    if _is_of_package(statement, hit) and _is_in_version(statement, hit):
        is_stated = statement.server_id is not None or not statement.within
        return is_stated or any(products.is_product(statement.within, one) for one in packages)
    if statement.within:
        return False
    return any(products.is_product(statement.purl, one, versions=statement.versions) for one in packages)


def _is_of_package(statement: Statement, hit: Hit) -> bool:
    base, release = ecosystems.split(statement.ecosystem)
    other, hit_release = ecosystems.split(hit.ecosystem)
    is_same_release = not release or not hit_release or release == hit_release
    return base == other and is_same_release and statement.folded == _folded(hit)


def _is_in_version(statement: Statement, hit: Hit) -> bool:
    return not statement.versions or not set(statement.versions).isdisjoint(hit.versions)


def _folded(hit: Hit) -> str:
    return ecosystems.folded(hit.ecosystem, hit.name)
