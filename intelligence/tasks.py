"""The jobs of the room: matching one server, what is news of a feed, and all once a day."""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from feeds.models import FeedRun
from intelligence import following, matching, storing
from jobs import queue
from vendors.models import Server


@queue.handler(following.JOB, words="Match a server with indicators")
def match(job: queue.Running) -> None:
    """Match a server with all that is known; done twice it changes nothing."""
    # It may have gone with the demo organisation.
    server = Server.objects.filter(pk=job.payload["server"]).first()
    with job.finish():
        if server is not None:
            matching.match(server, now=timezone.now())


@queue.handler(storing.MATCH_NEWS, words="Match what is news of a feed", is_one_at_once=True)
def match_news(job: queue.Running) -> None:
    """Match the servers that a feed's news may concern; done twice it changes nothing.

    The last of a run is stored as it ends: until then it is put off.
    """
    feed, since = UUID(job.payload["feed"]), datetime.fromisoformat(job.payload["since"])
    if FeedRun.objects.under_way().filter(feed=feed).exists():
        with job.finish():
            storing.promise_match(feed, since=since, now=timezone.now(), turn=job.payload["turn"] + 1)
        return
    following.match_news(feed=feed, since=since, now=timezone.now())


@queue.handler("intelligence.match_all", every=timedelta(days=1), words="Match all servers with indicators")
def match_all(job: queue.Running) -> None:
    """Match every server: what began or ended to hold by the clock alone, and whatever was missed."""
    following.match_all(now=timezone.now())
