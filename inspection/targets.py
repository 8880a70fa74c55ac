"""The ways into a server at which it is looked at, of the release that is pinned, or else of the newest.

They are its fixed addresses of Streamable HTTP, and the packages that this installation may start.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Concat, Lower, Trim

from inspection import looking
from inspection.looking import Target
from inspection.packages import TYPES, Packaged
from monitoring.models import Run
from monitoring.observed import Look
from riskregister.refusals import Refused
from vendors.models import Package, Release, Remote, Server
from vendors.naming import pinning

# A document may name any number of them, and each holds a worker for a minute.
WAYS = 10
Way = Remote | Package
_STARTS_NONE = "This installation starts no packages any more. RISKREGISTER_INSPECT_PACKAGES says where they are."


class NoWayIn(Refused):
    """The server has no address at which it could be looked at, and no package that may be started."""


def ways(server: Server) -> list[Way]:
    """Return the ways in, addresses first, at most WAYS. Raises NoWayIn, which says what to do instead."""
    release = Release.objects.relied_on(server)
    if release is None:
        raise NoWayIn("No release of this server is recorded. Import one that names its address.")
    found = of_release(release)
    if not found:
        raise NoWayIn(_why_none(release))
    return found[:WAYS]


def of_release(release: Release) -> list[Way]:
    """Return all ways into a release that the register may take in this installation."""
    # Of two entries that differ in nothing but what is said of them one is started.
    packages = {str(row): row for row in startable().filter(release=release)}
    return [*release.remotes.fixed_streamable().order_by("url"), *packages.values()]


def elsewhere(run: Run) -> list[str]:
    """Return the other ways into the server of a run, by which runs of their own look."""
    try:
        known = ways(run.server)
    except NoWayIn:
        return []
    return [str(way) for way in known if str(way) != run.address]


def startable() -> "QuerySet[Package]":
    """Return the packages that may be started: pinned ones, and none unless the installation has a folder of them."""
    rows = Package.objects.filter(transport="stdio", registry_type__in=TYPES)
    if not settings.INSPECT_PACKAGES:
        return rows.none()
    # As `why_not_pinned` says of one row.
    return rows.annotate(named=Lower("version")).exclude(sha256="", named__in=["", *pinning.MOVING])


def startable_by_name() -> "QuerySet[Package]":
    """Return the same with their names, which runs have as their addresses, as `way`."""
    parts = [F("registry_type"), Value(" "), F("identifier"), Value(" "), F("version")]
    return startable().annotate(way=Trim(Concat(*parts, output_field=TextField())))


def look(run: Run) -> Look:
    """Return what is seen at the way of a run. Called without a transaction: it waits for the server."""
    if urlsplit(run.address).scheme in ("http", "https"):
        return looking.look(target(run.address))
    rows = {str(row): row for row in startable().filter(release=run.release_id)}
    if run.address not in rows:
        return Look(outcome=Run.Status.FAILED, code="switched_off", why=_STARTS_NONE)
    return look_for(asks(rows[run.address]))


def asks(way: Way) -> dict[str, Any]:
    """Return where a look is to look, and what it is to start there, as JSON has it."""
    if isinstance(way, Remote):
        return {"url": way.url}
    return {"package": {
        "registry_type": way.registry_type, "identifier": way.identifier, "version": way.version,
        "arguments": way.package_arguments, "environment": way.environment,
    }}  # fmt: skip


def look_for(asked: Mapping[str, Any]) -> Look:
    """Return what is seen where `asks` says.

    Needs no database: another process can do it, with credentials and prepared packages of its own.
    """
    if "url" in asked:
        return looking.look(target(asked["url"]))
    if not settings.INSPECT_PACKAGES:
        return Look(outcome=Run.Status.FAILED, code="switched_off", why=_STARTS_NONE)
    return looking.look_at_package(Packaged(**asked["package"], folder=Path(settings.INSPECT_PACKAGES)))


def target(url: str) -> Target:
    """Return how an address is looked at in this installation."""
    return Target(url=url, sources=settings.INSPECT_CREDENTIALS, allowed=settings.OUTBOUND_ALLOW)


def packaged(package: Package) -> Packaged:
    """Return how a package is started in this installation."""
    return Packaged(**asks(package)["package"], folder=Path(settings.INSPECT_PACKAGES))


def _why_none(release: Release) -> str:
    has_packages = release.packages.filter(transport="stdio", registry_type__in=TYPES).exists()
    may = "" if settings.INSPECT_PACKAGES else " unless RISKREGISTER_INSPECT_PACKAGES says where they are"
    started = f"the register starts no packages{may}" if has_packages else "the register has no other way to it"
    return f"{release} names no fixed address of Streamable HTTP. Import what you capture from it yourself: {started}."
