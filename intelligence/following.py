"""When a server is matched: when it gets a release, when a feed has news, and all once a day."""

from datetime import datetime
from uuid import UUID

from django.db.models import Model

from intelligence import matching
from intelligence.models import IndicatorTerm
from jobs import queue
from vendors.models import Release, Server

JOB = "intelligence.match"


def recorded(obj: Model, concerns: Model | None, at: datetime) -> None:
    """Promise a match of the server of a release, where anything is known to match. Part of every step about one.

    What a server has besides its releases is matched once a day.
    """
    if isinstance(obj, Release) and IndicatorTerm.objects.exists():
        promise(obj.server_id, now=at)


def promise(server: UUID, *, now: datetime) -> None:
    """Promise that a server is matched, once for a moment."""
    queue.enqueue(JOB, key=f"{JOB}:{server}:{now.isoformat()}", now=now, server=str(server))


def match_all(*, now: datetime) -> int:
    """Match every server that may be used, each in a transaction of its own; return for how many anything changed."""
    servers = Server.objects.exclude(status__in=Server.OUT_OF_USE).order_by("inherent_tier", "number")
    return sum(matching.match(server, now=now) for server in servers.iterator(200))


def match_news(*, feed: UUID, since: datetime, now: datetime) -> int:
    """Match the servers that news of a feed may concern; return for how many anything changed."""
    keys = matching.touched(feed=feed, since=since)
    rows = Server.objects.filter(pk__in=keys).order_by("inherent_tier", "number")
    return sum(matching.match(server, now=now) for server in rows.iterator(200))
