"""A look at the packages of a release in PyPI, or a mirror of it.

The JSON of a version says what its files are and what its README names; the index (PEP 691) says of all files when they
were uploaded and which have attestations (PEP 740). Not every mirror has the index: what it would say is not assessed.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from packaging.utils import canonicalize_name

from collectors.sources import packages
from collectors.sources.fetching import Fetch
from collectors.sources.packages import Asked, Found
from inspection.bounds import NothingSeen
from monitoring.observed import Look
from vendors.naming import integrity

_INDEX = "application/vnd.pypi.simple.v1+json"
_NAMED = re.compile(r"mcp-name:\s*([A-Za-z0-9.-]+/[A-Za-z0-9._-]+)")


def look(asked: Sequence[Asked], *, base: str, fetch: Fetch, now: datetime) -> Look:
    """Return what the index at `base` says of the packages. Never raises for what it does."""
    return packages.look(asked, lambda one: _found(one, base, fetch), base=base, came=fetch.came, now=now)


def _found(asked: Asked, base: str, fetch: Fetch) -> Found | None:
    # As PEP 503 writes a name: an index leads others on to it, and the register follows nobody.
    name = quote(canonicalize_name(asked.identifier), safe="")
    document = fetch.document(f"{base}/pypi/{name}/{quote(asked.version, safe='')}/json")
    if document is None:
        return None
    if not isinstance(document.get("info"), dict) or not isinstance(document.get("urls"), list):
        raise NothingSeen("unreadable", f"What the index says of {asked.identifier} names no files.")
    return _of(document, fetch.document_if_any(f"{base}/simple/{name}/", accept=_INDEX))


def _of(document: dict[str, Any], index: dict[str, Any] | None) -> Found:
    info, files = packages.mapping(document["info"]), packages.rows(document["urls"])
    sha256 = frozenset(
        one.lower() for file in files if isinstance(one := packages.mapping(file.get("digests")).get("sha256"), str)
    )
    uploaded = packages.moments(file.get("upload_time_iso_8601") for file in files)
    listed = packages.rows(index.get("files")) if index else []
    return Found(
        digests=integrity.readable(" ".join(f"sha256:{one}" for one in sha256)),
        attested=_attested(listed, sha256),
        names=_names(info),
        withdrawn=_withdrawn(info),
        published=uploaded[0] if uploaded else None,
        releases=packages.moments(file.get("upload-time") for file in listed) or None,
        owners=_owners(document),
    )


def _attested(listed: list[dict[str, Any]], sha256: frozenset[str]) -> bool | None:
    """Return whether every file of the version has attestations; None where the index does not say."""
    own = [file for file in listed if packages.mapping(file.get("hashes")).get("sha256") in sha256]
    if not own or not all("provenance" in file for file in own):
        return None
    return all(file["provenance"] for file in own)


def _names(info: dict[str, Any]) -> frozenset[str] | None:
    text = info.get("description")
    return frozenset(_NAMED.findall(text)) if isinstance(text, str) else None


def _withdrawn(info: dict[str, Any]) -> str:
    if not info.get("yanked"):
        return ""
    reason = info.get("yanked_reason")
    return f"yanked: {reason}" if isinstance(reason, str) and reason else "yanked"


def _owners(document: dict[str, Any]) -> frozenset[str] | None:
    roles = packages.mapping(document.get("ownership")).get("roles")
    if not isinstance(roles, list):
        return None
    return frozenset(user for row in packages.rows(roles) if isinstance(user := row.get("user"), str))
