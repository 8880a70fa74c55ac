"""A look at the packages of a release in npm, or a mirror of it: the document of each, as npm itself reads it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from collectors.sources import packages
from collectors.sources.fetching import Fetch
from collectors.sources.packages import Asked, Found
from inspection.bounds import NothingSeen
from monitoring.observed import Look
from vendors.naming import integrity

# What stands among the moments of versions and is none.
_NO_VERSIONS = frozenset({"created", "modified", "unpublished"})


def look(asked: Sequence[Asked], *, base: str, fetch: Fetch, now: datetime) -> Look:
    """Return what the registry at `base` says of the packages. Never raises for what it does."""
    return packages.look(asked, lambda one: _found(one, base, fetch), base=base, came=fetch.came, now=now)


def _found(asked: Asked, base: str, fetch: Fetch) -> Found | None:
    document = fetch.document(f"{base}/{quote(asked.identifier, safe='@')}")
    if document is None:
        return None
    versions = document.get("versions")
    if not isinstance(versions, dict):
        raise NothingSeen("unreadable", f"What the registry says of {asked.identifier} holds no versions.")
    version = versions.get(asked.version)
    return _of(document, version, asked.version) if isinstance(version, dict) else None


def _of(document: dict[str, Any], version: dict[str, Any], named: str) -> Found:
    dist, times = packages.mapping(version.get("dist")), packages.mapping(document.get("time"))
    return Found(
        digests=integrity.readable(str(dist.get("integrity") or "")),
        # A mirror that leaves attestations out leaves signatures out too: then nothing is known.
        attested=True if dist.get("attestations") else False if dist.get("signatures") else None,
        names=_names(version),
        withdrawn=_withdrawn(version),
        published=packages.moment(times.get(named)),
        releases=packages.moments(one for key, one in times.items() if key not in _NO_VERSIONS) if times else None,
        owners=_owners(document),
    )


def _names(version: dict[str, Any]) -> frozenset[str]:
    name = version.get("mcpName")
    return frozenset({name}) if isinstance(name, str) and name else frozenset()


def _withdrawn(version: dict[str, Any]) -> str:
    deprecated = version.get("deprecated")
    if isinstance(deprecated, str):
        return f"deprecated: {deprecated}" if deprecated else ""
    return "deprecated" if deprecated else ""


def _owners(document: dict[str, Any]) -> frozenset[str] | None:
    """Return who may publish, by name alone: what stands beside it is an address of mail."""
    rows = document.get("maintainers")
    if not isinstance(rows, list):
        return None
    named = [row.get("name") if isinstance(row, dict) else row for row in rows]
    return frozenset(name.partition("<")[0].strip() for name in named if isinstance(name, str))
