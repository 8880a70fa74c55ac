"""What a server hangs on, and what hangs on a vendor, as a map: vendors, servers, releases, and packages.

Of packages it has those that something hits, and those that the release needs itself; the rest is counted.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q

from composition import knowledge
from composition.knowledge import Known
from composition.models import Component, Hit
from riskregister import looks, plurals
from scoring.scales import Severity
from vendors.models import Release, Server, ServerSupplier, Vendor
from work.supply_chain import facts, levels, packages
from work.supply_chain.lists import counted

VENDOR, SERVER, RELEASE, PACKAGE, REST = "vendor", "server", "release", "package", "rest"
COLUMNS = {VENDOR: "Vendor", SERVER: "Server", RELEASE: "Release", PACKAGE: "Package"}
# So many of each are drawn.
PACKAGES, SERVERS = 16, 12
_WORSE = (Known.AFFECTED, Known.VERIFY, Known.UNKNOWN, Known.WAITING, Known.NOT_AFFECTED)


@dataclass(frozen=True, slots=True)
class Node:
    """One box: what it is of and its key there, its name, a line below it, and how it stands: a table of looks with a
    value of it, both empty where nothing is said of it.
    """

    kind: str
    key: str
    name: str
    sub: str = ""
    looks: str = ""
    state: str = ""

    @property
    def column(self) -> str:
        """Return the column in which it stands."""
        return PACKAGE if self.kind == REST else self.kind


@dataclass(slots=True)
class Map:
    """Boxes, each once, and which leads to which."""

    nodes: dict[tuple[str, str], Node] = field(default_factory=dict)
    edges: dict[tuple[tuple[str, str], tuple[str, str]], None] = field(default_factory=dict)

    def put(self, node: Node, *, behind: Node | None = None) -> Node:
        """Take a box in, behind another one where it is given; return the one that is there."""
        known = self.nodes.setdefault((node.kind, node.key), node)
        if behind is not None:
            self.edges[(behind.kind, behind.key), (node.kind, node.key)] = None
        return known

    def of(self, column: str) -> list[Node]:
        """Return the boxes of a column."""
        return [node for node in self.nodes.values() if node.column == column]

    def behind(self, node: Node) -> list[Node]:
        """Return the boxes to which one leads."""
        return [self.nodes[to] for one, to in self.edges if one == (node.kind, node.key)]


def of_server(server: Server) -> Map:
    """Return the map of one server, which has its levels: its vendors, its release, and what that is built from."""
    drawn = Map()
    box = _server(server)
    supplies = ServerSupplier.objects.filter(server=server).select_related("vendor").order_by("role", "pk")
    roles: dict[UUID, list[str]] = defaultdict(list)
    vendors = {}
    for one in supplies:
        roles[one.vendor_id].append(one.role)
        vendors[one.vendor_id] = one.vendor
    for key, vendor in vendors.items():
        drawn.put(box, behind=drawn.put(_vendor(vendor, ", ".join(roles[key]))))
    drawn.put(box)
    release = Release.objects.relied_on(server)
    if release is not None:
        behind = drawn.put(_release(server, release), behind=box)
        _put_packages(drawn, behind, server)
    return drawn


def of_vendor(vendor: Vendor, user: Any) -> Map:
    """Return the map of one vendor: the servers behind which it stands, worst first, and what hits their packages."""
    drawn = Map()
    box = drawn.put(_vendor(vendor, ""))
    rows = counted(user).order_by().filter(suppliers__vendor=vendor).distinct()
    servers = list(
        rows.select_related("unit", "levels", "pinned_release").order_by("levels__rank", "pk")[: SERVERS + 1]
    )
    hits = _hits([server.pk for server in servers[:SERVERS]])
    for server in servers[:SERVERS]:
        of = drawn.put(_server(server), behind=box)
        release = Release.objects.relied_on(server)
        if release is not None:
            behind = drawn.put(_release(server, release), behind=of)
            _put_hits(drawn, behind, server, hits)
    if len(servers) > SERVERS:
        more = rows.count() - SERVERS
        drawn.put(Node(SERVER, "", f"{plurals.counted(more, 'server')} more", "not drawn: these are worse"), behind=box)
    return drawn


def _vendor(vendor: Vendor, sub: str) -> Node:
    return Node(VENDOR, str(vendor.pk), vendor.name, sub or vendor.get_status_display())


def _server(server: Server) -> Node:
    sub = f"{server.ref} · tier {server.inherent_tier}"
    return Node(SERVER, str(server.pk), server.title, sub, "package level", server.levels.package)


def _release(server: Server, release: Release) -> Node:
    sub = "pinned" if release.pk == server.pinned_release_id else "newest, not pinned"
    return Node(RELEASE, str(release.pk), str(release), sub)


def _put_packages(drawn: Map, release: Node, server: Server) -> None:
    """Put what is hit and what is needed directly behind a release, and how many others there are."""
    listed = Component.objects.counting().filter(inventory__server=server)
    total = listed.order_by().values("package_version").distinct().count()
    if not total:
        drawn.put(Node(REST, release.key, "No inventory", "What it is built from is unknown"), behind=release)
        return
    known = knowledge.with_advisories(knowledge.with_known(listed))
    rows = known.filter(Q(is_direct=True) | Q(known__in=(Known.AFFECTED, Known.VERIFY)))
    found: dict[UUID, Any] = {row.package_version_id: row for row in rows.order_by("id")}
    ordered = sorted(found.values(), key=lambda row: (_WORSE.index(row.known), row.package_version.name))
    for row in ordered[:PACKAGES]:
        drawn.put(_package(row), behind=release)
    _put_rest(drawn, release, total - min(len(ordered), PACKAGES))


def _put_rest(drawn: Map, release: Node, more: int) -> None:
    if more:
        words = f"{plurals.counted(more, 'package')} more"
        drawn.put(Node(REST, release.key, words, "not drawn: see Built from"), behind=release)


def _package(row: Any) -> Node:
    version = row.package_version
    sub = knowledge.why(row) or ("needed directly" if row.is_direct else "")
    return Node(PACKAGE, packages.key(version.ecosystem, version.name), str(version), sub, "component", row.known)


class _Hit(NamedTuple):
    """What hits a package of a server: the package, the vulnerability, and how bad it is there."""

    ecosystem: str
    name: str
    vulnerability: UUID
    severity: int


def _hits(servers: Sequence[UUID]) -> dict[UUID, list[_Hit]]:
    """Return what hits the packages of servers and is not settled, the worst first."""
    rows = facts.unsettled(Hit.objects.filter(server__in=servers)).order_by("observation__severity", "name", "pk")
    found: dict[UUID, list[_Hit]] = defaultdict(list)
    for server, ecosystem, name, vulnerability, severity in rows.values_list(
        "server", "ecosystem", "name", "vulnerability", "observation__severity"
    ):
        found[server].append(_Hit(ecosystem, name, vulnerability, severity or Severity.LOW))
    return found


def _put_hits(drawn: Map, release: Node, server: Server, hits: Mapping[UUID, Sequence[_Hit]]) -> None:
    """Put the packages that are hit behind a release, each with what hits it in any of the servers."""
    mine = list(dict.fromkeys((one.ecosystem, one.name) for one in hits.get(server.pk, ())))
    if not mine:
        why = levels.words_of(server.levels.why.get(levels.PACKAGE, []))
        word = looks.word("package level", server.levels.package)
        drawn.put(Node(REST, release.key, word, why[0] if why else "nothing hits its packages"), behind=release)
    for ecosystem, name in mine[:PACKAGES]:
        same = [one for some in hits.values() for one in some if (one.ecosystem, one.name) == (ecosystem, name)]
        worst = Severity(min(one.severity for one in same)).label.lower()
        sub = f"{plurals.counted(len({one.vulnerability for one in same}), 'hit')}, worst {worst}"
        drawn.put(Node(PACKAGE, packages.key(ecosystem, name), name, sub, "component", Known.AFFECTED), behind=release)
    _put_rest(drawn, release, len(mine) - len(mine[:PACKAGES]))


def rows(drawn: Map) -> list[tuple[str, str, str, str, str]]:
    """Return the map as the rows of a table: vendor, server, release, package, and what is known of that."""
    found = []
    for server in drawn.of(SERVER):
        vendors = ", ".join(f"{one.name} ({one.sub})" for one in drawn.of(VENDOR) if server in drawn.behind(one))
        releases = drawn.behind(server) or [Node(RELEASE, "", "No release on record" if server.key else "")]
        for release in releases:
            packages = drawn.behind(release) or [Node(PACKAGE, "", "")]
            found += [
                (vendors or "Not known yet", server.name, release.name, one.name, known_of(one)) for one in packages
            ]
    return found


def known_of(node: Node) -> str:
    """Return what is known of a box in one line: the word of its state, and what is said below its name."""
    word = node.looks and looks.word(node.looks, node.state)
    return ": ".join(part for part in (word, node.sub) if part)
