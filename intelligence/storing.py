"""Indicators as rows: what a record is compared with, stored and let go; and the promise that news is matched."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from feeds.kinds import Outcome, Record
from feeds.models import Feed
from intelligence import exposures
from intelligence.models import Indicator, IndicatorTerm
from intelligence.reading.indicators import Told
from jobs import queue
from riskregister import canonical

# The job that matches what is news of a feed.
MATCH_NEWS = "intelligence.match_news"
# While a run is under way it still stores: what is news is matched when it has ended.
PUT_OFF = timedelta(minutes=1)
_AT_ONCE = 500
_FIELDS = (
    "kind", "value", "title", "description", "written", "unmatched", "confidence", "valid_from", "valid_until",
    "modified", "is_revoked", "gone_at", "tlp", "names", "techniques", "digest", "changed_at",
)  # fmt: skip


def held(feed: Feed) -> int:
    """Return how many indicators a feed has that are not taken back."""
    return Indicator.objects.filter(feed=feed, is_revoked=False, gone_at__isnull=True).count()


def compare(feed: Feed, records: Sequence[Record]) -> list[Outcome]:
    """Return what each record would come to. One that is older than what is known changes nothing, unless the feed has
    that no more.
    """
    rows = Indicator.objects.filter(feed=feed, external_id__in=[one.key for one in records])
    known = {row.external_id: row for row in rows.only("external_id", "digest", "is_revoked", "gone_at", "modified")}
    return [_outcome(one.value, known.get(one.key), is_again=one.is_again) for one in records]


def store(feed: Feed, found: Sequence[Told], *, now: datetime) -> None:
    """Store indicators that are new or changed. Part of a transaction."""
    known = {row.external_id: row for row in Indicator.objects.filter(
        feed=feed, external_id__in=[one.external_id for one in found])}  # fmt: skip
    new: list[Indicator] = []
    changed: list[Indicator] = []
    for one in found:
        row = known.get(one.external_id)
        (changed if row else new).append(_filled(row or Indicator(feed=feed, taken_at=now), one, now=now))
    Indicator.objects.bulk_create(new, batch_size=_AT_ONCE)
    Indicator.objects.bulk_update(changed, _FIELDS, batch_size=_AT_ONCE)
    IndicatorTerm.objects.filter(indicator__in=changed).delete()
    by_id = {row.external_id: row for row in (*new, *changed)}
    terms = [term for one in found for term in _terms(by_id[one.external_id], one)]
    IndicatorTerm.objects.bulk_create(terms, batch_size=_AT_ONCE)
    promise_match(feed.pk, since=now, now=now)


def not_named(feed: Feed, named: Collection[str]) -> list[str]:
    """Return the ids of the indicators that a feed has, not taken back, and that are not among these."""
    rows = Indicator.objects.filter(feed=feed, is_revoked=False, gone_at__isnull=True)
    return [key for key in rows.values_list("external_id", flat=True).iterator(2_000) if key not in named]


def let_go(feed: Feed, keys: Sequence[str], *, now: datetime) -> None:
    """Note that a feed has these no more. Part of a transaction."""
    for at in range(0, len(keys), _AT_ONCE):
        some = Indicator.objects.filter(feed=feed, external_id__in=keys[at : at + _AT_ONCE], gone_at__isnull=True)
        some.update(gone_at=now, changed_at=now)
    promise_match(feed.pk, since=now, now=now)


def promise_match(feed: UUID, *, since: datetime, now: datetime, turn: int = 0) -> None:
    """Promise that what changed in a feed since a moment is matched: once, however many batches a run stores.

    `turn` counts how often it was put off, because the run was still under way.
    """
    key = f"{MATCH_NEWS}:{feed}:{since.isoformat()}:{turn}"
    after = now + PUT_OFF if turn else now
    queue.enqueue(MATCH_NEWS, key=key, now=now, run_after=after, feed=str(feed), since=since.isoformat(), turn=turn)


def digest_of(one: Told) -> str:
    """Return the digest of all that a source says of an indicator."""
    content: dict[str, Any] = {
        "ways": sorted(sorted([term.kind, term.value, term.version] for term in way) for way in one.ways),
        "facts": [
            one.title, one.unmatched, one.description, one.written, one.confidence, _written(one.valid_from),
            _written(one.valid_until), one.is_revoked, one.tlp, list(one.names), list(one.techniques),
        ],
    }  # fmt: skip
    return canonical.digest(canonical.canonical(content))


def _outcome(one: Told, row: Indicator | None, *, is_again: bool) -> Outcome:
    if row is None:
        return Outcome.NEW
    if row.gone_at is None and row.modified and one.modified and one.modified < row.modified:
        return Outcome.UNCHANGED
    if is_again and one.modified == row.modified:
        return Outcome.UNCHANGED
    if row.digest == digest_of(one) and row.gone_at is None:
        return Outcome.UNCHANGED
    was_there = not row.is_revoked and row.gone_at is None
    return Outcome.WITHDRAWN if one.is_revoked and was_there else Outcome.CHANGED


def _filled(row: Indicator, one: Told, *, now: datetime) -> Indicator:
    first = min((term for way in one.ways[:1] for term in way), default=None)
    row.external_id, row.title, row.digest, row.changed_at, row.gone_at = (
        one.external_id, one.title or one.external_id, digest_of(one), now, None,
    )  # fmt: skip
    row.kind, row.value = (first.kind, f"{first.value} {first.version}".strip()[:700]) if first else ("", "")
    row.description, row.written, row.unmatched = one.description, one.written, one.unmatched[:800]
    row.confidence, row.valid_from, row.valid_until = one.confidence, one.valid_from, one.valid_until
    row.modified, row.is_revoked, row.tlp = one.modified, one.is_revoked, one.tlp or ""
    row.names, row.techniques = list(one.names), list(one.techniques)
    return row


def _terms(row: Indicator, one: Told) -> list[IndicatorTerm]:
    return [
        IndicatorTerm(
            indicator=row, way=at, together=len(way), kind=term.kind, value=term.value, version=term.version[:255],
            key=exposures.key_of(term),
        )
        for at, way in enumerate(one.ways)
        for term in sorted(way)
    ]  # fmt: skip


def _written(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment else ""
