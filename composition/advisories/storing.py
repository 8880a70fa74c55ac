"""Advisories are compared with what is known, and stored with what they affect and which vulnerability they speak of.

Newer wins, by the moment that a record names; an older one never takes the place of a newer. Of two that name the same
moment the one of the feed counts that brought it: some sources never change theirs (all of Go's say the year 1).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import orjson

from composition.advisories import grouping, osv, rating, scores
from composition.advisories.grouping import Names
from composition.advisories.osv import Affected
from composition.advisories.scores import Rating
from composition.models import Advisory, AffectedPackage, Vulnerability
from feeds.kinds import Outcome, Record
from feeds.models import Feed
from riskregister.ids import uuid7
from riskregister.queries import inserting
from riskregister.queries.compiled import CompiledQuery, Given

_AT_ONCE = 500
# A moment before all feeds means that none was said; as one of the year 1 no zone west of Greenwich could show it.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SUMMARY = 500
_COLUMNS = (
    "source", "vulnerability", "feed", "aliases", "summary", "severity", "is_malicious", "is_of_malicious_code",
    "published_at", "modified_at", "withdrawn_at", "digest", "record", "taken_at", "needs_matching",
)  # fmt: skip
# What an advisory says of a package.
_PACKAGE_COLUMNS = ("ecosystem", "name", "ranges", "versions")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class IncomingAdvisory:
    """An advisory as it was read, its text, and its digest."""

    record: osv.Record
    raw: str
    digest: str


class _Known(NamedTuple):
    """What is on record of an advisory."""

    digest: str
    modified_at: datetime
    withdrawn_at: datetime | None
    feed: UUID | None


_KNOWN = CompiledQuery(
    lambda: Advisory.objects.filter(name__among=Given("names")).order_by().values_list("name", *_Known._fields)
)


def compare(feed: Feed, records: Sequence[Record]) -> list[Outcome]:
    """Return what each advisory comes to."""
    known = {name: _Known(*columns) for name, *columns in _KNOWN.ask(names=[one.key for one in records])}
    return [_outcome(feed, known.get(one.key), one) for one in records]


def store(feed: Feed, records: Sequence[tuple[Record, Outcome]], *, now: datetime) -> None:
    """Store advisories that are new or other than before, as they were just compared. Part of a transaction."""
    incoming: dict[str, IncomingAdvisory] = {one.key: one.value for one, _outcome in records}
    if not incoming:
        return
    names = {name: Names(one.record.is_of_malicious_code, _aliases(one)) for name, one in incoming.items()}
    groups = grouping.regroup(names, now=now)
    ratings = {name: scores.rate_record(one.record) for name, one in incoming.items()}
    rows = {name: _advisory(feed, one, groups.of[name], ratings[name], now=now) for name, one in incoming.items()}
    new = {one.key for one, outcome in records if outcome == Outcome.NEW}
    inserting.insert([rows[name] for name in new])
    _insert_packages({rows[name].pk: _affected(incoming[name].record) for name in new})
    _store_again([row for name, row in rows.items() if name not in new], incoming)
    rating.refresh(groups.touched, known=ratings)


def _store_again(rows: Sequence[Advisory], incoming: Mapping[str, IncomingAdvisory]) -> None:
    """Let advisories that are there already, and keep their keys, say what they say by now."""
    if not rows:
        return
    Advisory.objects.bulk_create(rows, update_conflicts=True, unique_fields=["name"], update_fields=list(_COLUMNS))
    keys = Advisory.objects.filter(name__in=[row.name for row in rows]).values_list("name", "pk")
    _store_affected({key: _affected(incoming[name].record) for name, key in keys})


def let_go(names: Sequence[str], *, now: datetime) -> None:
    """Take advisories as withdrawn that their source has no more; should one come back, it counts again."""
    for some in _batches(names):
        rows = Advisory.objects.filter(name__in=some)
        rows.update(withdrawn_at=now, digest="", needs_matching=True, taken_at=now)
        touched = Vulnerability.objects.filter(pk__in=rows.order_by().values("vulnerability"))
        rating.refresh(list(touched), known={})


def _outcome(feed: Feed, known: _Known | None, record: Record) -> Outcome:
    incoming: IncomingAdvisory = record.value
    if known is None:
        return Outcome.NEW
    modified = _moment(incoming.record)
    is_newer = modified > known.modified_at
    # What its source had no more has no digest, and comes back from wherever it is named.
    counts = modified == known.modified_at and not record.is_again and (known.feed == feed.pk or not known.digest)
    if incoming.digest == known.digest or not (is_newer or counts):
        return Outcome.UNCHANGED
    is_taken_back = incoming.record.withdrawn is not None and known.withdrawn_at is None
    return Outcome.WITHDRAWN if is_taken_back else Outcome.CHANGED


def _advisory(
    feed: Feed, incoming: IncomingAdvisory, vulnerability: Vulnerability, rated: Rating, *, now: datetime
) -> Advisory:
    record = incoming.record
    return Advisory(
        name=record.id, source=record.source[:20], vulnerability_id=vulnerability.pk, feed_id=feed.pk,
        aliases=_aliases(incoming), summary=(record.summary or record.details)[:_SUMMARY].strip(),
        severity=rated.severity, is_malicious=record.is_malicious,
        is_of_malicious_code=record.is_of_malicious_code,
        published_at=record.published, modified_at=_moment(record), withdrawn_at=record.withdrawn,
        digest=incoming.digest, record=incoming.raw, taken_at=now, needs_matching=True,
    )  # fmt: skip


def _aliases(incoming: IncomingAdvisory) -> list[str]:
    return sorted({*incoming.record.aliases} - {incoming.record.id})


def _moment(record: osv.Record) -> datetime:
    return max(record.modified, _EPOCH)


def _affected(record: osv.Record) -> list[dict[str, Any]]:
    """Return the packages that it affects as columns, each once."""
    rows = [_package(one) for one in record.affected if one.name]
    return list({_text(row): row for row in rows}.values())


def _package(one: Affected) -> dict[str, Any]:
    return {
        "ecosystem": one.ecosystem, "name": one.folded,
        "ranges": osv.ranges_as_data(one.ranges), "versions": list(one.versions),
    }  # fmt: skip


def _store_affected(affected: dict[Any, list[dict[str, Any]]]) -> None:
    """Let each advisory have these packages; a row that says the same stays, and with it what matched."""
    gone: list[Any] = []
    here: dict[Any, Counter[bytes]] = {key: Counter() for key in affected}
    wanted = {key: {_text(row) for row in rows} for key, rows in affected.items()}
    rows_before = AffectedPackage.objects.filter(advisory__in=list(affected))
    for pk, advisory, *columns_before in rows_before.values_list("pk", "advisory", *_PACKAGE_COLUMNS):
        text = _text(dict(zip(_PACKAGE_COLUMNS, columns_before, strict=True)))
        here[advisory][text] += 1
        if text not in wanted[advisory] or here[advisory][text] > 1:
            gone.append(pk)
    for some in _batches(gone):
        AffectedPackage.objects.filter(pk__in=some).delete()
    news = {key: [row for row in rows if _text(row) not in here[key]] for key, rows in affected.items()}
    _insert_packages(news)


def _insert_packages(affected: Mapping[UUID, Sequence[dict[str, Any]]]) -> None:
    """Insert the packages that advisories affect, by the key of each."""
    made = [(uuid7(), key, *(row[name] for name in _PACKAGE_COLUMNS)) for key, rows in affected.items() for row in rows]
    inserting.insert_values(AffectedPackage, ("id", "advisory", *_PACKAGE_COLUMNS), made)


def _text(row: dict[str, Any]) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS)


def _batches(rows: Sequence[_T]) -> Iterable[Sequence[_T]]:
    for at in range(0, len(rows), _AT_ONCE):
        yield rows[at : at + _AT_ONCE]
