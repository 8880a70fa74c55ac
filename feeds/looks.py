"""How feeds and their runs look, as word, shape and tone: what was not taken in never looks like what is fresh."""

from feeds.models import Feed, FeedRun
from riskregister import looks
from riskregister.looks import Look

looks.declare("feed", looks.of(Feed.Status, on=("s-check", "positive"), off=("s-ring", "neutral")))
looks.declare(
    "feed run",
    looks.of(
        FeedRun.Status,
        queued=("s-ring", "neutral"),
        running=("s-half", "info"),
        complete=("s-check", "positive"),
        failed=("s-alert", "high"),
        stopped=("s-cross", "critical"),
    ),
)
looks.declare(
    "feed freshness",
    {
        "fresh": Look("Fresh", "s-clock", "info"),
        "silent": Look("Silent: not known what is new", "s-dashed", "high"),
        "never": Look("Never taken in: nothing is known", "s-dashed", "medium"),
        "off": Look("Off: not known what is new", "s-ring", "neutral"),
    },
)
