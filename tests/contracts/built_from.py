"""What is known of components, by the rows that were recorded and without the queries that lists are made of."""

from typing import Any

from composition.models import AffectedPackage, Match
from feeds.models import Feed


def known(component: Any) -> str:
    """Return what is known of a component today."""
    version = component.package_version
    outcomes = {
        match.outcome
        for match in Match.objects.filter(package_version=version).select_related("affected__advisory")
        if match.affected.advisory.withdrawn_at is None
    }
    for word in ("affected", "verify", "unknown"):
        if word in outcomes:
            return word
    if version.unreadable:
        return "unknown"
    if not version.is_matched:
        return "waiting"
    is_covered = any(
        entry.ecosystem == version.ecosystem and entry.advisory.feed and _has_all(entry.advisory.feed)
        for entry in AffectedPackage.objects.select_related("advisory__feed")
    )
    return "not_affected" if is_covered else "unknown"


def _has_all(feed: Feed) -> bool:
    """Return whether a feed has all that there is, and was taken in and is neither off nor silent."""
    return bool(feed.is_whole and feed.status == "on" and feed.last_success_at and not feed.silent_since)


def counts(component: Any) -> bool:
    """Return whether a component says what its server is built from today."""
    inventory = component.inventory
    server = inventory.server
    relied_on = server.pinned_release or max(server.releases.all(), key=lambda one: (one.created_at, one.revision))
    return bool(inventory.status == "current" and inventory.release == relied_on)
