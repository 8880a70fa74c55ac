"""What is compared, as it is read: as tuples, and by compiled queries where that is done again for each change."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from composition.models import (
    Advisory,
    AffectedPackage,
    Comparison,
    Component,
    Hit,
    Inventory,
    Match,
    PackageVersion,
)  # fmt: skip
from composition.packages import ecosystems
from riskregister import nouns
from riskregister.queries.compiled import CompiledQuery, CompiledUpdate, Given

# So many advisories are compared in one transaction.
ADVISORIES = 100
# An ecosystem without the release of a distribution, and a name as names are compared.
Package = tuple[str, str]


class Version(NamedTuple):
    """A version of a package."""

    pk: UUID
    ecosystem: str
    name: str
    folded: str
    version: str
    is_matched: bool

    @property
    def package(self) -> Package:
        """Return the package as advisories name it."""
        return without_release(self.ecosystem), self.folded


class Affected(NamedTuple):
    """A package that an advisory affects, with its ranges and versions as JSON."""

    pk: UUID
    ecosystem: str
    name: str
    ranges: str
    versions: str
    is_malicious: bool

    @property
    def package(self) -> Package:
        """Return the package."""
        return without_release(self.ecosystem), self.name


class Changed(NamedTuple):
    """An advisory that waits to be compared, with one of the packages that it affects, if any.

    `is_hitting`: its vulnerability hits some server by now. `is_listed`: something is on record that is called as the
    package, in whichever ecosystem.
    """

    pk: UUID
    vulnerability: UUID
    is_withdrawn: bool
    is_hitting: bool
    is_listed: bool
    affected: Affected | None


class Matched(NamedTuple):
    """A match on record."""

    pk: UUID
    version: UUID
    affected: UUID
    outcome: str
    why: str
    fixed_in: str


def without_release(ecosystem: str) -> str:
    """Return an ecosystem without the release of a distribution."""
    return ecosystems.split(ecosystem)[0]


def _versions() -> "QuerySet[Any, Any]":
    return PackageVersion.objects.order_by("pk").values_list(*Version._fields)


def _affected(path: str = "") -> tuple[Any, ...]:
    """Return the columns of `Affected` but the last, at a path from the row."""
    texts = (Cast(f"{path}{name}", TextField()) for name in ("ranges", "versions"))
    return f"{path}pk", f"{path}ecosystem", f"{path}name", *texts


def _of_packages() -> "QuerySet[Any, Any]":
    rows = AffectedPackage.objects.filter(name__among=Given("names")).order_by()
    return rows.values_list("advisory", *_affected())


def _in_force() -> "QuerySet[Any, Any]":
    rows = Advisory.objects.filter(pk__among=Given("keys"), withdrawn_at__isnull=True).order_by()
    return rows.values_list("pk", "is_malicious")


def _changed() -> "QuerySet[Any, Any]":
    first = Advisory.objects.filter(needs_matching=True).order_by("pk").values("pk")[:ADVISORIES]
    # Most advisories hit nothing and are of packages that nobody has, for which then nothing else is asked.
    hits = Hit.objects.filter(vulnerability=OuterRef("vulnerability"))
    listed = PackageVersion.objects.filter(folded=OuterRef("affected__name"))
    rows = Advisory.objects.filter(pk__in=first).order_by()
    return rows.values_list(
        "pk", "vulnerability", "withdrawn_at", Exists(hits), Exists(listed), *_affected("affected__"), "is_malicious"
    )


def _matches() -> "QuerySet[Any, Any]":
    return Match.objects.order_by().values_list("pk", "package_version", "affected", "outcome", "why", "fixed_in")


def _to_compare_anew() -> "QuerySet[Any, Any]":
    same = Q(vulnerability__id__among=Given("vulnerabilities"))
    same |= Q(name__among=Given("names"), ecosystem__among=Given("ecosystems"))
    hit = Hit.objects.filter(same, observation__is_seen=True).order_by().values("server")
    current = Component.objects.filter(inventory__status=Inventory.Status.CURRENT)
    listing = current.filter(package_version__id__among=Given("versions")).order_by().values("inventory__server")
    rows = Comparison.objects.filter(is_due=False, server__in=hit.union(listing))
    # Held in the order in which everybody holds several.
    return Comparison.objects.filter(pk__in=nouns.held(rows).values("pk"))


_WAITING = CompiledQuery(lambda: _versions().filter(is_matched=False, pk__among=Given("keys")))
_NAMED = CompiledQuery(lambda: _versions().order_by().filter(folded__among=Given("names")))
_OF_PACKAGES = CompiledQuery(_of_packages)
_IN_FORCE = CompiledQuery(_in_force)
_CHANGED = CompiledQuery(_changed)
_OF_VERSIONS = CompiledQuery(lambda: _matches().filter(package_version__id__among=Given("versions")))
_OF_AFFECTED = CompiledQuery(lambda: _matches().filter(affected__id__among=Given("affected")))
_COMPARED = CompiledUpdate(lambda: Advisory.objects.filter(pk__among=Given("keys")), needs_matching=False)
_DUE = CompiledUpdate(_to_compare_anew, is_due=True, due_since=Given("now"))


def versions(*, after: UUID | None, count: int) -> list[Version]:
    """Return so many versions whatever they were compared with, after one in the order of their keys, or the first."""
    rows = _versions().filter(pk__gt=after) if after else _versions()
    return [Version._make(row) for row in rows[:count]]


def waiting(*, count: int) -> list[Version]:
    """Return so many versions that nothing was compared with yet."""
    return [Version._make(row) for row in _versions().filter(is_matched=False)[:count]]


def waiting_of(keys: Collection[UUID]) -> list[Version]:
    """Return those of some versions that nothing was compared with yet."""
    return [Version._make(row) for row in _WAITING.ask(keys=keys)]


def versions_of(packages: Collection[Package]) -> list[Version]:
    """Return all versions of some packages."""
    rows = map(Version._make, _NAMED.ask(names={name for _ecosystem, name in packages}))
    return [one for one in rows if one.package in packages]


def affected_of(packages: Collection[Package]) -> list[Affected]:
    """Return what the advisories in force say of some packages."""
    rows = list(_OF_PACKAGES.ask(names={name for _ecosystem, name in packages}))
    # Not joined: PostgreSQL read all advisories for it.
    is_malicious = dict(_IN_FORCE.ask(keys={row[0] for row in rows}))
    found = [Affected._make((*row, is_malicious[key])) for key, *row in rows if key in is_malicious]
    return [one for one in found if one.package in packages]


def changed() -> list[Changed]:
    """Return the advisories that wait to be compared, ADVISORIES of them, a row for each package that one affects."""
    return [
        Changed(
            pk, vulnerability, withdrawn_at is not None, bool(is_hitting), bool(is_listed),
            Affected._make(affected) if affected[0] else None,
        )
        for pk, vulnerability, withdrawn_at, is_hitting, is_listed, *affected in _CHANGED.ask()
    ]  # fmt: skip


def matches_of_versions(keys: Collection[UUID]) -> Iterator[Matched]:
    """Return the matches of some versions on record."""
    return map(Matched._make, _OF_VERSIONS.ask(versions=keys))


def matches_of_affected(keys: Collection[UUID]) -> Iterator[Matched]:
    """Return the matches on record of what some advisories affect."""
    return map(Matched._make, _OF_AFFECTED.ask(affected=keys))


def note_compared(keys: Collection[UUID]) -> None:
    """Note that these advisories wait no longer."""
    _COMPARED.do(keys=keys)


def make_due(
    vulnerabilities: Collection[UUID], packages: Collection[Package], versions: Collection[UUID], *, now: datetime
) -> None:
    """Let the servers be compared anew that one of the vulnerabilities hits, or anything in one of the packages, and
    those of which a current inventory lists one of the versions. Packages are named as their versions are.

    Part of a transaction that holds what advisories say: nobody notes meanwhile that a server was compared.
    """
    _DUE.do(
        vulnerabilities=vulnerabilities,
        names={name for _ecosystem, name in packages},
        ecosystems={ecosystem for ecosystem, _name in packages},
        versions=versions,
        now=now,
    )
