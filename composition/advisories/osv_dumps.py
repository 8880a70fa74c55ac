"""The kind of feed that brings advisories: OSV records, by file, folder, lines of JSON, or OSV's dumps of an ecosystem.

Beside a dump lies a list of when each of its records changed last: where few have since the last time, only those are
fetched. Once a week all of it is, so that what it has no more is noticed.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

import orjson
from django.conf import settings

from composition.advisories import holding, osv, storing
from composition.advisories import osv_fields as fields
from composition.advisories.osv_fields import RecordInvalid
from composition.models import Advisory
from feeds import containers
from feeds.containers import Piece, excerpt
from feeds.kinds import Bad, Kind, Offer, Outcome, Record, Source, whole_file
from feeds.models import Feed, FeedRun, Quarantined
from feeds.web import NotThere, Web

_DUMP, _LIST = "all.zip", "modified_id.csv"
# Of more than so many one file is sooner here; OSV's own mirrors do the same.
MOST_ONE_BY_ONE = 250
_WHOLE_EVERY = timedelta(days=7)
_LONGEST_LINE = 1000


class OsvDumps(Kind):
    """Advisories in the format of OSV."""

    word, words = holding.KIND, "Advisories (OSV)"

    def offers(self) -> Sequence[Offer]:
        """Return OSV's dumps of the ecosystems that the installation names."""
        url = settings.OSV_URL
        return [Offer(f"OSV {one}", url.replace("{ecosystem}", quote(one))) for one in settings.OSV_ECOSYSTEMS if url]

    def fetch(self, feed: Feed, web: Web) -> Source:
        """Return the records that changed where these are few, or else the whole dump. Raises web.NotFetched."""
        base = feed.place.removesuffix(_DUMP)
        if base == feed.place or not feed.mark or not _does_part_do(feed):
            return whole_file(feed, web)
        try:
            listed = web.fetch(base + _LIST, name=_LIST)
        except NotThere:
            return whole_file(feed, web)
        if listed.path is None:
            return Source(None, etags=web.etags)
        changed = _changed(Source(listed.path, _LIST), feed)
        return whole_file(feed, web) if changed is None else _one_by_one(base, changed, web)

    def read(self, source: Source) -> Iterator[Record | Bad]:
        """Yield the records."""
        for piece in containers.pieces(source):
            yield piece if isinstance(piece, Bad) else _read(piece, source)

    def held(self, feed: Feed) -> int:
        """Return how many advisories it brought that are not withdrawn."""
        return Advisory.objects.in_force().filter(feed=feed).count()

    def compare(self, feed: Feed, records: Sequence[Record]) -> list[Outcome]:
        """Return what each comes to."""
        return storing.compare(feed, records)

    def store(self, feed: Feed, records: Sequence[tuple[Record, Outcome]], *, now: datetime) -> None:
        """Store advisories, what they affect, and which vulnerability they speak of."""
        storing.store(feed, records, now=now)

    def gone(self, feed: Feed, named: Collection[str]) -> list[str]:
        """Return the advisories that it brought and does not name."""
        rows = Advisory.objects.in_force().filter(feed=feed).values_list("name", flat=True)
        return [name for name in rows.iterator() if name not in named]

    def let_go(self, feed: Feed, keys: Sequence[str], *, now: datetime) -> None:
        """Take advisories as withdrawn that their source has no more."""
        storing.let_go(keys, now=now)


def _read(piece: Piece, source: Source) -> Record | Bad:
    """Return a record by its id; of one that cannot be read or relied on its id where that is one."""
    key = ""
    try:
        if len(piece.data) > osv.LARGEST:
            raise RecordInvalid(f"The record has {len(piece.data):,} bytes; {osv.LARGEST:,} are read at most.")
        document = orjson.loads(piece.data)
        key = _key(document)
        record = osv.read_data(document)
        digest = hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()
    except orjson.JSONDecodeError as error:
        return Bad(piece.name, f"The record is no JSON: {str(error)[:200]}.", excerpt(piece.data))
    except RecordInvalid as error:
        return Bad(piece.name, str(error)[:300], excerpt(piece.data), key=key)
    except orjson.JSONEncodeError:
        # What nests deeper than 254 levels is read, and not written again.
        return Bad(piece.name, fields.TOO_DEEP, excerpt(piece.data), key=key)
    if why := source.why_ahead(record.modified):
        return Bad(piece.name, why, excerpt(piece.data), key=key)
    value = storing.IncomingAdvisory(record, piece.data.decode().strip(), digest)
    return Record(record.id, value, mark=_mark(record.modified))


def _key(document: object) -> str:
    try:
        return fields.identifier(document.get("id") if isinstance(document, dict) else None, "id")
    except RecordInvalid:
        return ""


def _mark(at: datetime) -> str:
    """Return a moment in UTC as a text that sorts as it does."""
    return at.isoformat(timespec="microseconds")


def _does_part_do(feed: Feed) -> bool:
    """Return whether what changed since the mark is enough: all of it was read lately, and the mark has come."""
    # Of a run that fetched single records there is no file with a digest.
    whole = feed.runs.filter(status=FeedRun.Status.COMPLETE).exclude(digest="")
    last = whole.values_list("asked_at", flat=True).first()
    now = feed.runs.values_list("asked_at", flat=True).first()
    # A record of the future would hide all that changes until then.
    return last is not None and now is not None and now - last < _WHOLE_EVERY and feed.mark <= _mark(now)


def _changed(listed: Source, feed: Feed) -> list[str] | None:
    """Return the records that changed since the feed was taken in last, None for too many to fetch one by one."""
    found = dict.fromkeys(Quarantined.objects.filter(feed=feed).values_list("name", flat=True))
    names = [name for name in found if _is_id(name)]
    for _number, line in containers.lines(listed, longest=_LONGEST_LINE):
        at, name = _listed(line)
        # The list begins with what changed last. What changed in the same moment as the last one may be new.
        if not at or at < feed.mark or len(names) > MOST_ONE_BY_ONE:
            break
        names.append(name)
    return list(dict.fromkeys(names)) if len(names) <= MOST_ONE_BY_ONE else None


def _listed(line: bytes | Bad) -> tuple[str, str]:
    """Return when a record changed, as a mark, and its id; empty for a line that says neither."""
    if isinstance(line, Bad):
        return "", ""
    at, _, name = line.decode("utf-8", "replace").strip().partition(",")
    try:
        moment = fields.needed_time({"at": at}, "at")
        return _mark(moment), fields.identifier(name.rpartition("/")[2], "id")
    except RecordInvalid:
        return "", ""


def _is_id(name: str) -> bool:
    return bool(_key({"id": name}))


def _one_by_one(base: str, names: Sequence[str], web: Web) -> Source:
    folder = web.folder / "records"
    folder.mkdir()
    for name in names:
        try:
            web.fetch(f"{base}{quote(name)}.json", name=f"records/{name}.json")
        except NotThere:
            # It was taken out since it was listed; the weekly run notices.
            continue
    # The list alone is asked for by its ETag: the records follow from it.
    etags = {url: etag for url, etag in web.etags.items() if url.endswith(_LIST)}
    return Source(folder, is_whole=False, etags=etags)
