"""The forms in which indicators come, as kinds of feeds: how each is read, and what of a record is news.

`feeds` runs them: a run that would lose too much is stopped, what cannot be read is quarantined, and a second run over
the same file writes nothing. What is new or changed is matched in a job of its own.
"""

import mmap
from abc import abstractmethod
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from feeds import kinds
from feeds.containers import LEADS_OUT, Broken, document, excerpt, leads_out, pieces
from feeds.kinds import Bad, Kind, Outcome, Record
from feeds.kinds import Source as FeedSource
from feeds.models import Feed
from feeds.web import NotFetched, Web
from inspection.bounds import NothingSeen
from intelligence import storing, taxii
from intelligence.reading import indicators, lists, misp, osv_malicious, stix
from intelligence.reading.documents import Source
from intelligence.reading.indicators import Told, Unusable
from vendors import strict_json

# Of a feed of MISP so many events at most are fetched in one run; the next goes on where it ended.
_MOST_EVENTS = 2_000
# What was fetched in several files: how far the feed is taken in with each stands in its name, behind an @.
_PAGES, _EVENTS = "pages", "events"


class Indicators(Kind):
    """Any form of indicators. They are stored alike."""

    def held(self, feed: Feed) -> int:
        """Return how many indicators the feed has that are not taken back."""
        return storing.held(feed)

    def compare(self, feed: Feed, records: Sequence[Record]) -> Sequence[Outcome]:
        """Return what each would come to, and change nothing."""
        return storing.compare(feed, records)

    def store(self, feed: Feed, records: Sequence[tuple[Record, Outcome]], *, now: datetime) -> None:
        """Store what is news, and promise that it is matched."""
        storing.store(feed, [record.value for record, _outcome in records], now=now)

    def gone(self, feed: Feed, named: Collection[str]) -> Sequence[str]:
        """Return the ids of the indicators that the feed has and a whole file does not name."""
        return storing.not_named(feed, named)

    def let_go(self, feed: Feed, keys: Sequence[str], *, now: datetime) -> None:
        """Note that the feed has these no more, and promise that it is matched."""
        storing.let_go(feed, keys, now=now)


class _Files(Indicators):
    """What is read from a file, or from each file of a folder, by one function."""

    @abstractmethod
    def reads(self, data: Source) -> indicators.Read:
        """Yield the indicators of one file. Raises Unusable."""

    def read(self, source: FeedSource) -> Iterator[Record | Bad]:
        """Yield the indicators of all files. Raises Broken for one that is none of this form."""
        if source.path is None:
            return
        files = _files_of(source.path)
        for path in files:
            try:
                _refuse_link(path, source.path)
                with _mapped(path) as data:
                    yield from _records(self.reads(data), source, mark=_mark(path, source))
            except (Unusable, Broken) as error:
                # One of many that is damaged, or none of this form, spoils no other.
                if len(files) == 1:
                    raise Broken(str(error)) from error
                yield Bad(path.name.partition("@")[0], str(error))


class Stix(_Files):
    """Bundles of STIX 2.0 and 2.1."""

    word, words = "stix", "STIX 2.1 bundle"

    def reads(self, data: Source) -> indicators.Read:
        """Yield the indicators of one file. Raises Unusable."""
        return stix.read(data)


class Table(_Files):
    """CSV with the columns of the guide."""

    word, words = "indicators_csv", "CSV of indicators"

    def reads(self, data: Source) -> indicators.Read:
        """Yield the indicators of one file. Raises Unusable."""
        return lists.read_csv(data)


class Lines(_Files):
    """A text with one value a line."""

    word, words = "indicators_text", "Text, one indicator a line"

    def reads(self, data: Source) -> indicators.Read:
        """Yield the indicators of one file. Raises Unusable."""
        return lists.read_text(data)


class Taxii(Stix):
    """A collection of TAXII 2.1: what was added since the last run, a page at a time."""

    word, words, is_whole = "taxii", "TAXII 2.1 collection", False

    def fetch(self, feed: Feed, web: Web) -> FeedSource:
        """Return what the collection got since the feed's mark, a file a page. Raises NotFetched."""
        client = taxii.Client(allowed=web.allowed, sources=settings.INSPECT_CREDENTIALS)
        after = datetime.fromisoformat(feed.mark) if feed.mark else None
        folder = web.folder / _PAGES
        folder.mkdir()
        try:
            for at, page in enumerate(client.pages(feed.place, added_after=after)):
                mark = page.added_last.astimezone(UTC).isoformat() if page.added_last else ""
                (folder / f"{at:05}@{mark}").write_bytes(page.raw)
        except NothingSeen as nothing:
            raise NotFetched(nothing.why) from nothing
        return FeedSource(folder if any(folder.iterdir()) else None, _PAGES, is_whole=False)


class Misp(_Files):
    """A feed of MISP: the events that changed since the last run, by its manifest."""

    word, words, is_whole = "misp", "MISP feed", False

    def reads(self, data: Source) -> indicators.Read:
        """Yield the indicators of one file. Raises Unusable."""
        return misp.event(data)

    def fetch(self, feed: Feed, web: Web) -> FeedSource:
        """Return the events that changed since the feed's mark, oldest first. Raises NotFetched."""
        came = web.fetch(feed.place)
        if came.path is None:
            return FeedSource(None, etags=web.etags)
        try:
            listed = misp.manifest(came.path.read_bytes())
        except Unusable as error:
            raise NotFetched(str(error)) from error
        new = [one for one in listed if one.changed_at.isoformat() > feed.mark][:_MOST_EVENTS]
        folder = web.folder / _EVENTS
        folder.mkdir()
        base = feed.place.rpartition("/")[0]
        for one in new:
            event = web.fetch(f"{base}/{one.file}", name=f"{one.uuid}.part")
            if event.path is not None:
                event.path.rename(folder / f"{one.uuid}@{one.changed_at.isoformat()}")
        return FeedSource(folder if new else None, _EVENTS, is_whole=False)


class Malicious(Indicators):
    """Records of malicious packages (`MAL-…`), in any container that advisories come in."""

    word, words = "osv_malicious", "OSV records of malicious packages"

    def read(self, source: FeedSource) -> Iterator[Record | Bad]:
        """Yield the records. Raises Broken."""
        for piece in pieces(source):
            if isinstance(piece, Bad):
                yield piece
                continue
            try:
                record = strict_json.read(piece.data, limit=len(piece.data))
                found = osv_malicious.of_record(record if isinstance(record, dict) else {})
                mark = _instant(found.modified)
                yield _bad_if_ahead(found, source) or Record(found.external_id, found, mark=mark)
            except strict_json.DocumentInvalid as error:
                yield Bad(piece.name, str(error.problems[0]), excerpt(piece.data))
            except indicators.NotSo as error:
                yield Bad(piece.name, str(error), excerpt(piece.data))


EVERY = (Stix(), Taxii(), Misp(), Table(), Lines(), Malicious())


def register() -> None:
    """Let feeds of indicators be taken in."""
    for one in EVERY:
        kinds.register(one)


def _files_of(place: Path) -> list[Path]:
    return sorted(path for path in place.iterdir() if path.is_file()) if place.is_dir() else [place]


def _refuse_link(path: Path, place: Path) -> None:
    """Raise Broken for a file of a folder that leads out of it; a file that was named itself may be a link."""
    if path != place and leads_out(path, place.resolve()):
        raise Broken(LEADS_OUT)


def _mark(path: Path, source: FeedSource) -> str:
    """Return how far the feed is taken in with a file that was fetched, empty for a time that has not come."""
    mark = path.name.partition("@")[2] if source.name in (_PAGES, _EVENTS) else ""
    return "" if mark and source.is_ahead(datetime.fromisoformat(mark)) else mark


def _records(read: indicators.Read, source: FeedSource, *, mark: str) -> Iterator[Record | Bad]:
    for one in read:
        if isinstance(one, Told):
            yield _bad_if_ahead(one, source) or Record(one.external_id, one, mark=mark)
        else:
            yield Bad(one.place, one.why, one.excerpt)


def _bad_if_ahead(one: Told, source: FeedSource) -> Bad | None:
    why = source.why_ahead(one.modified)
    return Bad(one.external_id, why, excerpt(one.written.encode()), key=one.external_id) if why else None


def _instant(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment else ""


@contextmanager
def _mapped(path: Path) -> Iterator[Source]:
    """Give a file's bytes without reading them into memory; one that gzip packed is unpacked. Raises Broken."""
    with path.open("rb") as file:
        begins = file.read(2)
        if begins == b"\x1f\x8b":
            yield document(FeedSource(path), limit=indicators.MAX_BYTES)
        elif not begins:
            yield b""
        else:
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                yield data
