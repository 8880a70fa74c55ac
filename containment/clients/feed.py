"""The registry of what is approved, as clients of the Model Context Protocol read one (`/v0.1/servers`).

It holds what the vendor says of an approved release, and nothing that the register knows of its risk. What is
suspended, ended or changed is not in it from that moment on, since it is read from the approvals themselves.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Lower
from jsonschema import Draft7Validator

from decisions.models import Approval
from vendors.documents import server_json_schemas
from vendors.documents.server_json import OFFICIAL_META
from vendors.models import Package, Release
from vendors.naming import pinning

_DESCRIPTION = 100


@dataclass(frozen=True, slots=True)
class Listed:
    """A release that stands in the feed, by name and version; of several versions of a name one is the latest.

    `description` is what its vendor says of it, where clients search too.
    """

    key: UUID
    name: str
    description: str
    version: str
    decided_at: datetime
    is_latest: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A release as it is answered; `left_out` says in words why it cannot stand in a registry, if it cannot."""

    listed: Listed
    approval: Approval
    document: dict[str, Any]
    left_out: str

    @property
    def answer(self) -> dict[str, Any]:
        """Return it as a registry answers it."""
        since = _moment(self.listed.decided_at)
        return as_answered(self.document, status="active", since=since, is_latest=self.listed.is_latest)


def as_answered(document: dict[str, Any], *, status: str, since: str, is_latest: bool) -> dict[str, Any]:
    """Return a server.json as a registry answers it, with what only registries say."""
    official = {
        "status": status,
        "statusChangedAt": since,
        "publishedAt": since,
        "updatedAt": since,
        "isLatest": is_latest,
    }
    return {"server": document, "_meta": {OFFICIAL_META: official}}


def listed(approvals: "QuerySet[Approval]") -> list[Listed]:
    """Return what these approvals let agents use, by name, of each name the latest decision first.

    Two units may have approved one name: each version stands once.
    """
    rows = approvals.order_by(Lower("server__name"), "-decided_at", "-id").values_list(
        "pk", "server__name", "release__description", "release__version", "decided_at"
    )
    found: dict[tuple[str, str], Listed] = {}
    names: set[str] = set()
    for key, name, description, version, decided_at in rows:
        same = name.lower()
        if (same, version) not in found:
            found[same, version] = Listed(key, name, description, version, decided_at, same not in names)
            names.add(same)
    return list(found.values())


def entries(page: Sequence[Listed]) -> list[Entry]:
    """Return the entries of a page of the feed, with their documents."""
    rows = Approval.objects.select_related("server", "release", "release__server").prefetch_related(
        "release__packages", "release__remotes"
    )
    approvals = rows.in_bulk([one.key for one in page])
    return [_entry(one, approvals[one.key]) for one in page if one.key in approvals]


def _entry(one: Listed, approval: Approval) -> Entry:
    document = document_of(approval.release)
    return Entry(one, approval, document, why_left_out(json.dumps(document, sort_keys=True)))


def document_of(release: Release) -> dict[str, Any]:
    """Return the server.json of a release in today's form, without what only registries say; made up where none is."""
    kept: dict[str, Any] = json.loads(release.server_json or "{}")
    if kept:
        date_named = server_json_schemas.date_named(kept)
        kept = server_json_schemas.in_todays_form(kept, date=date_named)
    else:
        kept = _made(release)
    for name in ("_meta", "status"):
        kept.pop(name, None)
    for package in kept.get("packages", ()):
        _name_whole_image(package)
    return {"$schema": server_json_schemas.address(server_json_schemas.NEWEST_DATE)} | kept | _required(release, kept)


@lru_cache(maxsize=10_000)
def why_left_out(document: str) -> str:
    """Return why a document cannot stand in a registry: the first objection of the published schema, or empty."""
    error = next(iter(_validator().iter_errors(json.loads(document))), None)
    if error is None:
        return ""
    place = "/".join(str(part) for part in error.absolute_path) or "server.json"
    return f"{place}: {error.message}"[:300]


def _name_whole_image(package: dict[str, Any]) -> None:
    """Leave the version of an image out that its identifier names already: clients put it behind, whatever is there."""
    if package.get("registryType") == "oci" and pinning.is_whole_image(str(package.get("identifier", ""))):
        package.pop("version", None)


def _required(release: Release, kept: dict[str, Any]) -> dict[str, Any]:
    description = str(kept.get("description") or release.server.title)
    return {
        "$schema": server_json_schemas.address(server_json_schemas.NEWEST_DATE),
        "name": release.server.name,
        "version": release.version,
        "description": description if len(description) <= _DESCRIPTION else description[: _DESCRIPTION - 1] + "…",
    }


def _made(release: Release) -> dict[str, Any]:
    made: dict[str, Any] = {"title": release.server.title[:100]}
    packages = [_package(package) for package in release.packages.all()]
    remotes = [{"type": remote.transport, "url": remote.url} for remote in release.remotes.all()]
    return made | ({"packages": packages} if packages else {}) | ({"remotes": remotes} if remotes else {})


def _package(package: Package) -> dict[str, Any]:
    transport = {"type": package.transport} | ({"url": package.transport_url} if package.transport_url else {})
    facts = {
        "registryType": package.registry_type,
        "registryBaseUrl": package.registry_base_url,
        "identifier": package.identifier,
        "version": package.version,
        "fileSha256": package.sha256,
        "runtimeHint": package.runtime_hint,
    }
    return {name: value for name, value in facts.items() if value} | {"transport": transport}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def _validator() -> Draft7Validator:
    return Draft7Validator(server_json_schemas.NEWEST)
