"""What happens to feeds and their runs."""

from dataclasses import dataclass

from audit.events import ADMINISTRATION, EventType, declare


@dataclass(frozen=True, slots=True)
class Added:
    """Of which kind it is, and where its files come from."""

    kind: str
    where: str
    place: str


@dataclass(frozen=True, slots=True)
class Changed:
    """Which facts changed, and where its files come from by now."""

    fields: list[str]
    where: str
    place: str


@dataclass(frozen=True, slots=True)
class FeedStale:
    """Of which kind it is, and when it was last taken in; empty: never."""

    kind: str
    last_success_at: str


@dataclass(frozen=True, slots=True)
class RunAsked:
    """Of which feed, and from which file where somebody brought one."""

    feed: str
    file_name: str


@dataclass(frozen=True, slots=True)
class RunComplete:
    """How many records its file has, and what each came to; `missing` are records that the file has no more."""

    seen: int
    new: int
    changed: int
    unchanged: int
    withdrawn: int
    quarantined: int
    missing: int


@dataclass(frozen=True, slots=True)
class RunFailed:
    """Why, and whether the run before it did not fail."""

    why: str
    is_news: bool


@dataclass(frozen=True, slots=True)
class RunStopped:
    """Why, whether the run before it was not stopped, and what the feed would have lost of what it has."""

    why: str
    is_news: bool
    held: int
    withdrawn: int
    missing: int
    quarantined: int


declare(
    EventType("feed.added", "Feed added", silent=ADMINISTRATION, data=Added),
    EventType("feed.changed", "Feed changed", silent=ADMINISTRATION, data=Changed),
    EventType("feed.switched_off", "Feed switched off", silent=ADMINISTRATION),
    EventType("feed.switched_on", "Feed switched on", silent=ADMINISTRATION),
    EventType("feed.silent", "Feed silent", silent=ADMINISTRATION, data=FeedStale),
    EventType("feed.back", "Feed taken in again", silent="What its silence asked for is done."),
    EventType("feed_run.asked", "Feed run asked for", silent=ADMINISTRATION, data=RunAsked, often=True),
    EventType(
        "feed_run.complete", "Feed taken in", silent="What it brought has its own events.", data=RunComplete, often=True
    ),
    EventType("feed_run.failed", "Feed run failed", silent=ADMINISTRATION, data=RunFailed),
    EventType("feed_run.stopped", "Feed run stopped", silent=ADMINISTRATION, data=RunStopped),
    EventType("feed_run.let_through", "Stopped feed run let through", silent=ADMINISTRATION, data=RunAsked),
)
