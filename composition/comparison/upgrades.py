"""What to do about what hits servers: which version of a package frees which of them, the most critical first."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from composition.comparison import comparing, matching
from composition.comparison.comparing import Entries
from composition.models import Hit, Match
from composition.packages import ecosystems
from composition.rating import severity_of
from composition.versions import comparing as versions
from composition.versions.keys import EcosystemIncomparable, VersionUnreadable
from findings.models import Finding
from scoring.scales import Severity
from vendors.models import Server

# The tier of a server whose loss is critical.
CRITICAL = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """A version of a package (empty: none is known) that frees servers of all that is known to hit the package.

    `servers` are sorted by tier and title; `vulnerabilities` are those that hit them now.
    """

    ecosystem: str
    name: str
    to_version: str
    servers: tuple[Server, ...]
    vulnerabilities: tuple[str, ...]
    severity: Severity
    is_exploited: bool
    is_malicious: bool

    @property
    def critical(self) -> int:
        """Return how many critical servers it frees."""
        return sum(server.inherent_tier == CRITICAL for server in self.servers)


@dataclass(frozen=True, slots=True)
class _Struck:
    """A server, what of one package hits it, and the lowest version of that which is free of all (empty: none)."""

    server: Server
    hits: tuple[Hit, ...]
    free: str


def of(user: Any, *, server: UUID | None = None) -> list[Upgrade]:
    """Return what frees the servers that a person may see, or one of them, of what certainly hits them.

    The one that frees most critical servers comes first, then most servers, then the worst; what nothing frees of comes
    last. What people dismissed is left out.
    """
    rows = _hits(user)
    if server is not None:
        rows = rows.filter(server=server)
    by_package: dict[tuple[str, str], dict[UUID, list[Hit]]] = defaultdict(lambda: defaultdict(list))
    for hit in rows:
        by_package[hit.ecosystem, hit.name][hit.server_id].append(hit)
    entries = comparing.entries({(ecosystems.split(e)[0], ecosystems.folded(e, name)) for e, name in by_package})
    found = [
        upgrade
        for (ecosystem, name), struck in by_package.items()
        for upgrade in _of_package(ecosystem, name, struck, entries)
    ]
    return sorted(found, key=_order)


def _hits(user: Any) -> Any:
    rows = Hit.objects.visible_to(user).filter(outcome=Match.Outcome.AFFECTED, observation__is_seen=True)
    judged = rows.exclude(observation__finding__status=Finding.Status.DISMISSED)
    return judged.select_related("server__unit", "vulnerability").order_by("vulnerability__key")


def _of_package(ecosystem: str, name: str, struck: Mapping[UUID, list[Hit]], entries: Entries) -> Iterable[Upgrade]:
    advisory_entries = [
        entry for _row, entry in entries.get((ecosystems.split(ecosystem)[0], ecosystems.folded(ecosystem, name)), ())
    ]
    rows = [
        _Struck(
            some[0].server,
            tuple(some),
            _free(advisory_entries, ecosystem, {one for hit in some for one in hit.versions}),
        )
        for some in struck.values()
    ]
    for version in {row.free for row in rows}:
        # Whoever is freed by a lower version is free at this one, too: it is free of all that is known.
        freed = [row for row in rows if _is_freed(row, version, ecosystem)]
        yield _upgrade(ecosystem, name, version, freed)


def _is_freed(row: _Struck, version: str, ecosystem: str) -> bool:
    if not version or not row.free:
        return row.free == version
    return not versions.compare(ecosystem, row.free, version) > 0


def _free(advisory_entries: Iterable[matching.Entry], ecosystem: str, versions_there: Iterable[str]) -> str:
    """Return the lowest version above all that are there which is free of all that is known, empty for none."""
    try:
        highest = max(versions_there, key=lambda one: versions.key(ecosystem, one))
    except (EcosystemIncomparable, VersionUnreadable):
        return ""
    return matching.lowest_free(advisory_entries, highest)


def _upgrade(ecosystem: str, name: str, version: str, freed: Iterable[_Struck]) -> Upgrade:
    rows = list(freed)
    struck = [hit for row in rows for hit in row.hits]
    servers = sorted((row.server for row in rows), key=lambda one: (one.inherent_tier or CRITICAL, one.title))
    return Upgrade(
        ecosystem=ecosystem,
        name=name,
        to_version=version,
        servers=tuple(servers),
        vulnerabilities=tuple(sorted({hit.vulnerability.key for hit in struck})),
        severity=min(severity_of(hit.vulnerability) for hit in struck),
        is_exploited=any(hit.is_exploited for hit in struck),
        is_malicious=any(hit.vulnerability.is_malicious for hit in struck),
    )


def _order(one: Upgrade) -> tuple[Any, ...]:
    return not one.to_version, -one.critical, -len(one.servers), one.severity, one.name, one.to_version
