"""Feeds that have gone quiet: what nobody hears of any more is known of no server.

A feed alarms once when it was not taken in for longer than it may, until it is again or is switched off.
"""

from datetime import datetime, timedelta

from accounts import steps
from audit.context import SYSTEM
from feeds.models import Feed
from riskregister import nouns
from riskregister.unit_of_work import unit_of_work


def note(*, now: datetime) -> int:
    """Tell of the feeds that have fallen silent, and return how many are new; each in its own transaction."""
    limited = Feed.objects.on().filter(silent_since=None).exclude(silent_after=timedelta())
    late = [feed for feed in limited if feed.fresh_until is not None and feed.fresh_until < now]
    return sum(_tell(feed, now=now) for feed in late)


@unit_of_work()
def _tell(feed: Feed, *, now: datetime) -> bool:
    nouns.hold(feed)
    if feed.silent_since is not None or feed.freshness(now=now) != "silent":
        # It was taken in since the list was read, or another sweep has told.
        return False
    Feed.objects.filter(pk=feed.pk).update(silent_since=now)
    last = feed.last_success_at.isoformat() if feed.last_success_at else ""
    steps.record("feed.silent", feed, by=SYSTEM, now=now, kind=feed.kind, last_success_at=last)
    return True
