"""Feeds of the room in tests: each made through the same step as real ones, and taken in at once."""

from datetime import datetime
from pathlib import Path

from audit.context import SYSTEM
from feeds import asking, managing
from feeds.models import Feed, FeedRun
from tests.cast import NOON


def a_feed(kind: str, *, name: str = "", now: datetime = NOON) -> Feed:
    """Return a feed for files that somebody brings."""
    return managing.add(kind=kind, name=name or kind, where="upload", by=SYSTEM, now=now)


def take(feed: Feed, path: Path, *, now: datetime = NOON) -> FeedRun:
    """Return the run in which a file was taken in."""
    return asking.take_path(feed, path, by=SYSTEM, now=now)


def figures(run: FeedRun) -> dict[str, int]:
    """Return the figures of a run that are not zero."""
    return {name: count for name in FeedRun.COUNTS if (count := getattr(run, name))}
