"""Feeds of the room in tests: each made through the same step as real ones, and taken in at once."""

from datetime import datetime
from pathlib import Path
from typing import Any

from audit.context import SYSTEM
from feeds import asking, managing
from feeds.models import Feed, FeedRun
from tests.cast import NOON


def a_feed(kind: str, *, name: str = "", now: datetime = NOON) -> Feed:
    """Return a feed for files that somebody brings."""
    return managing.add(kind=kind, name=name or kind, where="upload", by=SYSTEM, now=now)


def a_fresh_feed(kind: str = "osv", *, now: datetime = NOON, **facts: Any) -> Feed:
    """Return a feed that was taken in just now and has all that there is, unless the facts say otherwise."""
    feed = a_feed(kind, now=now)
    Feed.objects.filter(pk=feed.pk).update(**{"last_success_at": now, "is_whole": True, **facts})
    feed.refresh_from_db()
    return feed


def take(feed: Feed, path: Path, *, now: datetime = NOON) -> FeedRun:
    """Return the run in which a file was taken in."""
    return asking.take_path(feed, path, by=SYSTEM, now=now)


def figures(run: FeedRun) -> dict[str, int]:
    """Return the figures of a run that are not zero."""
    return {name: count for name in FeedRun.COUNTS if (count := getattr(run, name))}
