"""What the collectors look at for a server: its packages, addresses and repository, and the domain of its vendor."""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from django.db.models import Exists, OuterRef, Q

from assessments.models import Assessment
from collectors.sources.packages import Asked
from monitoring.models import Collector
from vendors.models import Package, Release, Remote, Server, ServerSupplier
from vendors.naming import repositories


@dataclass(frozen=True)
class Subject:
    """A server with what there is to look at, each read once when the first collector asks for it."""

    server: Server

    @cached_property
    def releases(self) -> list[Release]:
        """Return the release that is relied upon (the pinned, else the newest), and the one that is being assessed."""
        rows = Assessment.objects.filter(server=self.server, status__in=Assessment.WAITING)
        waiting = rows.select_related("release").first()
        found = [Release.objects.relied_on(self.server), waiting.release if waiting else None]
        return list({one.pk: one for one in found if one is not None}.values())

    @cached_property
    def packages(self) -> list[Asked]:
        """Return the packages of these releases that a public registry has."""
        return list(dict.fromkeys(one for release in self.releases for one in packages_of(release)))

    @cached_property
    def addresses(self) -> list[str]:
        """Return the complete addresses of these releases."""
        return list(dict.fromkeys(url for release in self.releases for url in addresses_of(release)))

    @cached_property
    def domain(self) -> str:
        """Return the host of the publisher's website, empty where it is not known."""
        return domain_of(self.server)

    @cached_property
    def repository(self) -> str:
        """Return its repository, such as "github.com/example/weather", empty where none is known."""
        return repository_of(self.server)


def packages_of(release: Release) -> list[Asked]:
    """Return the packages of a release that name one version of the public registry of their kind."""
    asked = (
        Asked(
            registry=row.registry_type, identifier=row.identifier, version=row.version, sha256=row.sha256,
            integrity=row.integrity, server=release.server.name,
        )
        for row in release.packages.all()
        if row.version and not row.why_not_pinned and not row.is_from_other_registry
    )  # fmt: skip
    return list(dict.fromkeys(asked))


def addresses_of(release: Release) -> list[str]:
    """Return the addresses of a release that are complete as they stand."""
    return sorted({remote.url for remote in release.remotes.exclude(url__contains="{")})


def having(collector: Collector) -> Q:
    """Return the condition that a server has something that the collector may look at, as far as rows can tell."""
    pinned = OuterRef("pinned_release")
    if collector in (Collector.NPM, Collector.PYPI):
        return Q(Exists(Package.objects.filter(release=pinned, registry_type=collector.value).exclude(version="")))
    if collector == Collector.SECURITY_TXT:
        publishers = ServerSupplier.objects.publishers().filter(server=OuterRef("pk"))
        return Q(Exists(publishers.exclude(vendor__website="")))
    if collector == Collector.SCORECARD:
        return ~Q(repository_url="")
    if collector == Collector.REGISTRY:
        return ~Q(pinned_release__registry_status="")
    return Q(Exists(Remote.objects.filter(release=pinned, url__startswith="https:").exclude(url__contains="{")))


def domain_of(server: Server) -> str:
    """Return the host of the publisher's website, empty where it is not known."""
    publisher = server.published_by
    return (urlsplit(publisher.website).hostname or "") if publisher else ""


def repository_of(server: Server) -> str:
    """Return the repository of the server, such as "github.com/example/weather", empty where none is known."""
    return repositories.name_of(server.repository_url)
