"""A look-up of a server in the MCP registry, or a mirror of it: what the registry says of the version by now."""

from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from collectors.sources import fetching, packages
from collectors.sources.fetching import Fetch, key
from inspection.bounds import NothingSeen
from monitoring.observed import Look, Seen
from riskregister import unseen
from scoring.scales import Severity

STATUS = "status"
_OFFICIAL = "io.modelcontextprotocol.registry/official"
_KNOWN = ("active", "deprecated", "deleted")
_SHOWN = 200


def look(name: str, versions: Sequence[str], *, base: str, fetch: Fetch) -> Look:
    """Return what the registry at `base` says of these versions of a server. Never raises for what it does."""
    try:
        seen = tuple(_seen(name, version, base, fetch) for version in versions)
    except NothingSeen as nothing:
        return fetching.not_assessed(nothing)
    return fetching.complete(seen, fetch.came)


def _seen(name: str, version: str, base: str, fetch: Fetch) -> Seen:
    document = fetch.document(f"{base}/v0.1/servers/{quote(name, safe='')}/versions/{quote(version, safe='')}")
    where = urlsplit(base).hostname or base
    at, words = key(STATUS, version), f"{where} says of {name} {version}"
    if document is None:
        return Seen(at, words, f"Not assessed: {where} does not list it", is_assessed=False)
    official = packages.mapping(packages.mapping(document.get("_meta")).get(_OFFICIAL))
    status = official.get("status")
    if status not in _KNOWN:
        raise NothingSeen("unreadable", f"What {where} says of {name} {version} names no status.")
    since = packages.moment(official.get("statusChangedAt"))
    message = unseen.in_one_line(str(official.get("statusMessage") or ""), _SHOWN)
    value = f"{status}{f' since {since.date().isoformat()}' if since else ''}{f': {message}' if message else ''}"
    is_good = status == "active"
    severity = None if is_good else Severity.HIGH if status == "deleted" else Severity.MEDIUM
    return Seen(at, words, value, severity=severity, fact="registry_offers", holds=is_good)
