"""Advisories are stored, compared with versions, and put on record of servers by one transaction at a time.

Two at once would lose what the other found: one would take away a match that it does not know, or compare a server with
what is replaced while it looks.
"""

from feeds.models import Feed
from riskregister import nouns
from riskregister.queries.compiled import CompiledQuery

# The kind of the feeds that bring advisories.
KIND = "osv"
_FEEDS = CompiledQuery(lambda: nouns.held(Feed.objects.filter(kind=KIND)).values_list("pk"))


def hold() -> None:
    """Hold what advisories say and what they match until the transaction ends (order: servers, feeds, comparisons).

    It holds the feeds that bring advisories, as the run of each does for every batch that it stores.
    """
    _FEEDS.ask()
