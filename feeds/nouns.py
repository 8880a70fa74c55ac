"""The cards of feeds, their runs, and what could not be read."""

from feeds.models import Feed, FeedRun, Quarantined
from riskregister import nouns
from riskregister.nouns import FieldHistory, Noun, Page

nouns.register(
    Noun(
        Feed,
        prefix="FD",
        unit=None,
        verbs=("feed",),
        words=("name", "place"),
        hint="kind",
        pages=(Page("feed-detail"),),
        moving=("status", "mark", "etags", "last_success_at", "silent_since", "switched_at"),
        field_history=FieldHistory(leaves_out=("mark", "etags", "last_success_at", "last_news_at", "silent_since")),
        demo=("is_demo",),
    ),
    Noun(
        FeedRun,
        word="feed run",
        unit=None,
        verbs=("feed_run",),
        of="feed",
        holds=("feed",),
        moving=("status", "turn"),
        related=("feed",),
        opens=("feed",),
        pages=(Page("feed-detail", key="feed_id"),),
        field_history=None,
        demo=("feed__is_demo",),
    ),
    Noun(
        Quarantined,
        word="quarantined record",
        pages=(Page("feed-detail", key="feed_id"),),
        unit=None,
        of="feed",
        moving=(),
        related=("feed",),
        field_history=None,
        demo=("feed__is_demo",),
    ),
)
