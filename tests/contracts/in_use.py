"""What is found in configurations, by the rows that were recorded and without the queries that lists are made of."""

from typing import Any

from django.utils import timezone

from decisions.models import Approval
from discovery.models import ConfiguredServer, KnownAs
from vendors.models import Server


def standing(entry: Any) -> str:
    """Return how a server in a configuration stands with the approvals of today."""
    known = known_as(entry)
    here = [one for one in known if one.release_id and one.release_id in _usable(one.server)]
    if any(one.version == entry.version for one in here):
        return "approved"
    if here and not entry.version:
        return "unpinned"
    if any(_usable(one.server) for one in known):
        return "other_version"
    return "not_approved" if known else "unknown"


def waits(use: Any) -> bool:
    """Return whether a use waits for a decision: undecided, configured still, and not approved as it is."""
    is_watched = use.status == "watched" and use.watched_until >= timezone.localdate()
    entries = ConfiguredServer.objects.filter(unit=use.unit_id, identity=use.identity, gone_at=None)
    is_used = any(standing(entry) not in {"approved", "unpinned"} for entry in entries)
    return use.status in {"seen", "watched"} and not is_watched and is_used


def known_as(entry: Any) -> list[KnownAs]:
    """Return by what servers of its unit are known that is what an entry of a configuration names."""
    rows = KnownAs.objects.filter(identity=entry.identity).select_related("server")
    return [one for one in rows if one.server.unit_id == entry.unit_id]


def _usable(server: Server) -> set[Any]:
    """Return the release of a server, if any, at which agents may use it today: approved, and pinned as it was then."""
    today = timezone.localdate()
    return {
        one.release_id
        for one in Approval.objects.filter(server=server).select_related("release")
        if server.status == "approved" and one.state(today=today) == "granted" and one.decision != "reject"
        if one.release_id == server.pinned_release_id and one.manifest_digest == one.release.manifest_digest
    }
