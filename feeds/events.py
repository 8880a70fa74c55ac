"""What happens to feeds and their runs."""

from collections.abc import Mapping
from dataclasses import dataclass

from audit.events import ADMINISTRATION, EventType, Tell, Who, declare


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


def is_news(data: RunFailed | RunStopped) -> bool:
    """Return whether it was not so the last time."""
    return data.is_news


def since(data: FeedStale) -> Mapping[str, str]:
    """Return since when it is silent, in words."""
    return {"since": f"since {data.last_success_at[:10]}" if data.last_success_at else "since it was added"}


ADMINISTRATORS = (Who.ADMINISTRATORS,)
_OFF = "feed.switched_off"

declare(
    EventType("feed.added", "Feed added", silent=ADMINISTRATION, data=Added),
    EventType("feed.changed", "Feed changed", silent=ADMINISTRATION, data=Changed),
    EventType(_OFF, "Feed switched off", silent=ADMINISTRATION),
    EventType("feed.switched_on", "Feed switched on", silent=ADMINISTRATION),
    EventType(
        "feed.silent",
        "Feed silent",
        Tell(
            "{label} was not taken in {since}: what is new there is not known here",
            ADMINISTRATORS,
            is_action=True,
            fill=since,
            settled_by=("feed.back", _OFF),
        ),
        data=FeedStale,
    ),
    EventType("feed.back", "Feed taken in again", silent="What its silence asked for is done."),
    EventType("feed_run.asked", "Feed run asked for", silent=ADMINISTRATION, data=RunAsked, often=True),
    EventType(
        "feed_run.complete", "Feed taken in", silent="What it brought has events of its own.", data=RunComplete,
        often=True,
    ),
    EventType(
        "feed_run.failed",
        "Feed run failed",
        Tell("{label} failed: what is new there is not known here", ADMINISTRATORS, when=is_news, by_mail=is_news),
        data=RunFailed,
    ),
    EventType(
        "feed_run.stopped",
        "Feed run stopped",
        Tell(
            "{label} was stopped: it would have lost more than a tenth of {held} records",
            ADMINISTRATORS,
            is_action=True,
            when=is_news,
            settled_by=("feed_run.let_through", "feed_run.complete", _OFF),
        ),
        data=RunStopped,
    ),
    EventType("feed_run.let_through", "Stopped feed run let through", silent=ADMINISTRATION, data=RunAsked),
)  # fmt: skip
