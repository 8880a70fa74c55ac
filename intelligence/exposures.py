"""What of a server the world could name: its hosts, addresses, packages, digests, maintainers, and what it contacts."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from intelligence.models import EgressContact, IndicatorHit
from intelligence.reading import values
from intelligence.reading.indicators import Kind, NotSo, Term
from monitoring.models import Collector, Observation
from riskregister import canonical
from vendors.models import Package, Release, Remote, Server, ServerSupplier
from vendors.naming import integrity, repositories

Where = IndicatorHit.Where
# How the collectors name who can publish, by the registry that they ask (`collectors.sources.packages.OWNERS`).
_OWNERS = "owners:"
_REGISTRY_OF = {Collector.NPM: "npm", Collector.PYPI: "pypi"}


@dataclass(frozen=True, slots=True)
class Exposed:
    """One thing of a server: where it stands, how it is written there, and the term that it is."""

    term: Term
    where: IndicatorHit.Where
    written: str


def of(server: Server) -> list[Exposed]:
    """Return all that the register knows of a server, each once; what is not complete (`{tenant}`) is none."""
    found = [
        *(one for release in _releases(server) for one in _of_release(release)),
        *_of_url(server.repository_url, Where.REPOSITORY),
        *_of_url(server.website_url, Where.WEBSITE),
        *_publisher_of_repository(server),
        *_of_vendors(server),
        *_maintainers(server),
        *_egress(server),
    ]
    return list(dict.fromkeys(found))


def key_of(term: Term) -> str:
    """Return by what a term is looked up: the digest of its kind and value, whatever the version."""
    return canonical.digest(f"{term.kind}:{term.value}")


def _releases(server: Server) -> list[Release]:
    """Return the release that is relied on, and the newest."""
    found = [Release.objects.relied_on(server), server.releases.first()]
    return list({one.pk: one for one in found if one is not None}.values())


def _of_release(release: Release) -> Iterator[Exposed]:
    for remote in Remote.objects.filter(release=release):
        yield from _of_url(remote.url, Where.REMOTE)
    for package in Package.objects.filter(release=release):
        yield from _of_package(package)


def _of_package(package: Package) -> Iterator[Exposed]:
    written = str(package)
    yield from _made(Where.PACKAGE, written, values.package, package.registry_type, package.identifier, package.version)
    yield from _of_url(package.transport_url, Where.REMOTE)
    if "://" in package.identifier:
        yield from _of_url(package.identifier, Where.PACKAGE)
    for digest in sorted(integrity.readable(f"{package.sha256} {package.integrity}")):
        yield Exposed(Term(Kind.HASH, str(digest)), Where.DIGEST, written)


def _of_vendors(server: Server) -> Iterator[Exposed]:
    for supplier in ServerSupplier.objects.filter(server=server).select_related("vendor").order_by("pk"):
        host = _host(supplier.vendor.website)
        if host:
            yield from _made(Where.VENDOR, f"{host} ({supplier.vendor})", values.host, host)


def _publisher_of_repository(server: Server) -> Iterator[Exposed]:
    name = repositories.name_of(server.repository_url)
    site, _, rest = name.partition("/")
    of = {"github.com": "github", "gitlab.com": "gitlab"}.get(site)
    if of:
        owner = f"{of}:{rest.partition('/')[0]}"
        yield from _made(Where.MAINTAINER, owner, _maintainer, owner)


def _maintainers(server: Server) -> Iterator[Exposed]:
    """Yield who can publish the server's packages, as collectors saw last; of a list that was cut, those it shows."""
    rows = Observation.objects.filter(server=server, collector__in=_REGISTRY_OF, is_seen=True, is_assessed=True)
    for row in rows.filter(key__startswith=_OWNERS):
        registry = _REGISTRY_OF[Collector(row.collector)]
        whole, cut, _ = row.value.partition("…")
        names = whole.split(", ")[: -1 if cut else None]
        for name in names:
            account = f"{registry}:{name.strip()}"
            yield from _made(Where.MAINTAINER, account, _maintainer, account)


def _egress(server: Server) -> Iterator[Exposed]:
    for row in EgressContact.objects.filter(server=server).order_by("pk"):
        yield from _made(Where.EGRESS, str(row), values.host, row.host)


def _of_url(url: str, where: IndicatorHit.Where) -> Iterator[Exposed]:
    """Yield an address and its host, nothing for one that is none or not complete."""
    if not url or re.search(r"[{}]", url):
        return
    yield from _made(where, url, _url, url)
    yield from _made(where, url, values.host, _host(url))


def _made(where: IndicatorHit.Where, written: str, make: Callable[..., Term], *of: str) -> Iterator[Exposed]:
    # What strangers registered can be no domain; what is none can be met by nothing.
    try:
        yield Exposed(make(*of), where, written[:700])
    except NotSo:
        return


def _url(text: str) -> Term:
    return Term(Kind.URL, values.url(text))


def _maintainer(text: str) -> Term:
    return Term(Kind.MAINTAINER, values.maintainer(text))


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
