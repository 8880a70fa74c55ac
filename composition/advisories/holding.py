"""Advisories are stored, compared with versions, and put on record of servers by one transaction at a time.

Two at once would lose what the other found: one would take away a match that it does not know, or compare a server with
what is replaced while it looks.
"""

from feeds.models import Feed
from riskregister import nouns

# The kind of the feeds that bring advisories.
KIND = "osv"


def hold() -> None:
    """Hold what advisories say and what they match until the transaction ends (order: servers, feeds, comparisons).

    It holds the feeds that bring advisories, as the run of each does for every batch that it stores.
    """
    nouns.hold_all(Feed.objects.only("pk").filter(kind=KIND))
