"""Which servers of the register a configuration may mean: known by the packages and addresses of their releases."""

from collections.abc import Collection, Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Model

from discovery.fleet.identities import Identity, address_of, package_of
from discovery.models import ConfiguredServer, KnownAs
from riskregister import canonical, nouns
from vendors.models import Package, Release, Remote, Server

_LONGEST = 400


def recorded(obj: Model, concerns: Model | None, at: datetime) -> None:
    """Note by what a release is known, in the transaction that records it. Part of every step about a release."""
    if isinstance(obj, Release):
        note(obj)


def note(release: Release) -> None:
    """Note by what a release is known; done again it adds nothing.

    A release without packages and addresses is known as its server was said to be.
    """
    found = [*_of(release)]
    rows = [_row(release.server, release, one, version) for one, version in found]
    if not rows:
        of_server = KnownAs.objects.filter(server=release.server_id, release__isnull=True)
        rows = [
            KnownAs(server_id=release.server_id, release=release, identity=one.identity, digest=one.digest,
                    version=release.version)
            for one in of_server
        ]  # fmt: skip
    _keep(release.server, rows)


def say(server: Server, *, identity: str, digest: str) -> None:
    """Note that a server is what was found under another identity than its releases have. Part of a step."""
    _keep(server, [KnownAs(server=server, identity=identity, digest=digest)])


def known_in(unit: UUID, digests: Collection[str]) -> set[str]:
    """Return those of some digests of identities that servers of a unit are known as."""
    rows = KnownAs.objects.filter(server__unit=unit, digest__among=digests).order_by()
    return set(rows.values_list("digest", flat=True))


def _keep(server: Server, rows: Collection[KnownAs]) -> None:
    if not rows:
        return
    KnownAs.objects.bulk_create(rows, ignore_conflicts=True)
    configured = ConfiguredServer.objects.filter(unit=server.unit_id, is_known=False)
    # What a report writes meanwhile is not waited for: it stays unmarked, which is looked up.
    keys = nouns.hold_free(configured.filter(identity_digest__among=[one.digest for one in rows]))
    if keys:
        ConfiguredServer.objects.filter(pk__among=keys).update(is_known=True)


def digest_of(identity: str) -> str:
    """Return the digest by which an identity is looked up: texts of 400 characters are too long for some indexes."""
    return canonical.digest(identity)


def _of(release: Release) -> Iterator[tuple[Identity, str]]:
    for package in Package.objects.filter(release=release):
        found = package_of(package.registry_type, package.identifier, package.version)
        if found is not None:
            yield found, found.version
    for remote in Remote.objects.filter(release=release):
        found = address_of(remote.url)
        if found is not None and found.registry == "remote":
            yield found, ""


def _row(server: Server, release: Release, found: Identity, version: str) -> KnownAs:
    identity = found.key[:_LONGEST]
    return KnownAs(server=server, release=release, identity=identity, digest=digest_of(identity), version=version)
