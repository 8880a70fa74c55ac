"""Of which ecosystems the advisories on record are all that there are: only there nothing found is something said.

A few records that somebody brought say what is affected, and nothing of what is not.
"""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from composition.models import AffectedPackage
from feeds.models import Feed

NOT_COVERED = "No feed is fresh that has all advisories of its ecosystem."


def counts(feed: Feed, *, standing: str) -> bool:
    """Return whether a feed that stands so (`Feed.standing`) says something by what it does not name."""
    return feed.is_whole and standing == "fresh"


def covered() -> list[str]:
    """Return the ecosystems that are; "Red Hat:8" is one where "Red Hat:8::baseos" is."""
    found: set[str] = set()
    for ecosystem in _covering().values_list("ecosystem", flat=True).distinct():
        parts = ecosystem.split(":")
        found |= {":".join(parts[:end]) for end in range(1, len(parts) + 1)} - {""}
    return sorted(one.rstrip(":") for one in found)


def among(ecosystems: Iterable[str]) -> list[str]:
    """Return which of these are, without reading all that feeds tell of."""
    rows = _covering()
    return [
        one for one in ecosystems if one and rows.filter(Q(ecosystem=one) | Q(ecosystem__startswith=f"{one}:")).exists()
    ]


def _covering() -> "QuerySet[AffectedPackage]":
    feeds = [feed.pk for feed in Feed.objects.on() if counts(feed, standing=feed.standing)]
    return AffectedPackage.objects.filter(advisory__feed__in=feeds).order_by()
