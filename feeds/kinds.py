"""What can be taken in: each room above registers its kinds, which say how records are read, compared and stored."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar

from feeds.models import Feed
from feeds.web import Web

# Clocks differ by so much at most. Days are those of UTC, and this machine's may begin later.
_CLOCKS, _DAYS = timedelta(hours=1), timedelta(days=1)


class Outcome(StrEnum):
    """What a record comes to; the counts of a run have the same names."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Record:
    """A record that was read: the name that it has in its feed, and whatever its kind makes of it.

    `mark` says how far the feed is taken in with it; the greatest one counts, as text. `is_again`: the same file had
    one of this name before, which stands unless this one is newer.
    """

    key: str
    value: Any
    mark: str = ""
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that cannot be read: where it stands or what it is called, why, and how it begins.

    `key` is its name in the feed where that can still be told: what the feed has of it stays as it was.
    """

    name: str
    why: str
    excerpt: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """What a run reads: a file or folder, and the name under which it came.

    `is_whole`: what it does not name is gone. `etags` are what its feed remembers once it is taken in. Without a path
    nothing has changed since the last time. `read_at` is when the run reads it: what it says of later days is wrong.
    """

    path: Path | None
    name: str = ""
    is_whole: bool = True
    digest: str = ""
    etags: dict[str, str] | None = None
    read_at: datetime | None = None

    def is_ahead(self, moment: date) -> bool:
        """Return whether it names a moment or a day that has not come, by more than clocks may differ.

        Whatever changes until then would count as older, and be passed by.
        """
        if self.read_at is None:
            return False
        if isinstance(moment, datetime):
            return moment > self.read_at + _CLOCKS
        return moment > self.read_at.astimezone(UTC).date() + _DAYS

    def why_ahead(self, changed_at: datetime | None) -> str:
        """Return why a record that says that it changed then is put aside, empty where it is not."""
        if changed_at is None or not self.is_ahead(changed_at):
            return ""
        return f"It says that it changed on {changed_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC, which has not come yet."


@dataclass(frozen=True, slots=True)
class Offer:
    """A public dump that somebody can choose instead of typing its address."""

    name: str
    place: str


class Kind(ABC):
    """One form of feed. `compare` and `store` are given each name once."""

    word: ClassVar[str]
    words: ClassVar[str]
    # What a new feed of the kind is set to.
    is_whole: ClassVar[bool] = True
    every: ClassVar[timedelta] = timedelta(days=1)
    silent_after: ClassVar[timedelta] = timedelta(days=3)

    def offers(self) -> Sequence[Offer]:
        """Return the public dumps of this kind that the installation names."""
        return ()

    def fetch(self, feed: Feed, web: Web) -> Source:
        """Return what stands at the feed's address, fetched. Raises web.NotFetched."""
        return whole_file(feed, web)

    @abstractmethod
    def read(self, source: Source) -> Iterator[Record | Bad]:
        """Yield all that a source holds, in little memory. Raises containers.Broken for a source that is none."""

    @abstractmethod
    def held(self, feed: Feed) -> int:
        """Return how many records the feed has that are not taken back."""

    @abstractmethod
    def compare(self, feed: Feed, records: Sequence[Record]) -> Sequence[Outcome]:
        """Return what each would come to, and change nothing."""

    @abstractmethod
    def store(self, feed: Feed, records: Sequence[tuple[Record, Outcome]], *, now: datetime) -> None:
        """Store records that are not unchanged. Part of a transaction, in which they were just compared."""

    def gone(self, feed: Feed, named: Collection[str]) -> Sequence[str]:
        """Return the names of the records that the feed has, not taken back, and a whole file does not name."""
        return ()

    def let_go(self, feed: Feed, keys: Sequence[str], *, now: datetime) -> None:
        """Note of records that the feed has them no more. Part of a transaction."""
        raise NotImplementedError("A kind that says what is gone lets it go.")


def whole_file(feed: Feed, web: Web) -> Source:
    """Return the one file that stands at the feed's address; no path where it is as it was. Raises web.NotFetched."""
    came = web.fetch(feed.place)
    name = feed.place.partition("?")[0].rpartition("/")[2]
    return Source(came.path, name, is_whole=feed.is_whole, digest=came.digest, etags=web.etags)


_kinds: dict[str, Kind] = {}


class UnknownKind(Exception):
    """No room has registered this kind."""


def register(kind: Kind) -> None:
    """Let feeds of a kind be taken in."""
    _kinds[kind.word] = kind


def of(word: str) -> Kind:
    """Return a kind by its word. Raises UnknownKind."""
    if word not in _kinds:
        raise UnknownKind(f"Nobody takes in feeds of the kind {word}.")
    return _kinds[word]


def every() -> list[Kind]:
    """Return all kinds, in the order of registering."""
    return list(_kinds.values())


def words(word: str) -> str:
    """Return what people call a kind; of one that nobody takes in any more, its word."""
    return _kinds[word].words if word in _kinds else word
