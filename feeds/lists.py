"""How feeds, their runs and what could not be read are listed."""

from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from feeds import kinds
from feeds.models import Feed, FeedRun, Quarantined
from riskregister.filters import Choice, Exact, FilterSet, Key, Searchable
from riskregister.lists import Column, Kind, List, Where


class FeedFilters(Searchable):
    """Which feeds."""

    on_page = ("search", "status")

    status = Choice(label="State", empty="Any state", choices=Feed.Status.choices)
    kind = Exact(label="Kind")


def _feeds(user: Any) -> QuerySet[Feed]:
    return with_counts(Feed.objects.visible_to(user))


def with_counts(rows: QuerySet[Feed]) -> QuerySet[Feed]:
    """Return feeds with how many of their records are in quarantine."""
    return rows.select_related("added_by").annotate(bad=Count("quarantined"))


def _kind(row: Feed, _today: date) -> str:
    return kinds.words(row.kind)


FEEDS = List(
    word="feeds",
    rows=_feeds,
    filters=FeedFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Name", "name", Kind.TITLE, sub=_kind),
        Column("Kind", "kind", where=Where.FILE),
        Column("State", "status", Kind.BADGE, looks="feed"),
        Column("Fresh", "standing", Kind.BADGE, looks="feed freshness", field="freshness"),
        Column("Last taken in", "last_success_at", Kind.MOMENT, empty="Never", sort="-last_success_at"),
        Column("Place", "place", where=Where.FILE),
        Column("In quarantine", "bad", Kind.NUMBER, field="in_quarantine"),
    ),
    sorts={"number": "number", "last_success_at": "last_success_at? number"},
    default="-number",
)  # fmt: skip


class FeedRunFilters(FilterSet):
    """Which runs."""

    on_page = ("status",)

    status = Choice(label="Outcome", empty="Any outcome", choices=FeedRun.Status.choices)
    feed = Key(field_name="feed_id", label="Feed", rows=Feed.objects.visible_to)


def _runs(user: Any) -> QuerySet[FeedRun]:
    return FeedRun.objects.visible_to(user).select_related("feed", "asked_by")


FEED_RUNS = List(
    word="feed runs",
    rows=_runs,
    filters=FeedRunFilters,
    columns=(
        Column("Feed", "feed.name", Kind.TITLE, sub="file_name", to=("feed-detail", "feed_id")),
        Column("Outcome", "status", Kind.BADGE, looks="feed run"),
        Column("Asked for", "asked_at", Kind.MOMENT, sort="-asked_at"),
        Column("Seen", "seen", Kind.NUMBER),
        Column("New", "new", Kind.NUMBER),
        Column("Changed", "changed", Kind.NUMBER),
        Column("Unchanged", "unchanged", Kind.NUMBER, where=Where.FILE),
        Column("Withdrawn", "withdrawn", Kind.NUMBER),
        Column("Quarantined", "quarantined", Kind.NUMBER),
        Column("Gone", "missing", Kind.NUMBER),
        Column("Why", "why", Kind.PROSE, cut=20),
        Column("By", "asked_by.name", Kind.PERSON, empty="The register"),
        Column("Ended", "ended_at", Kind.MOMENT, where=Where.FILE),
    ),
    sorts={"asked_at": "asked_at id"},
    default="-asked_at",
)


class QuarantinedFilters(FilterSet):
    """Which records in quarantine."""

    feed = Key(field_name="feed_id", label="Feed", rows=Feed.objects.visible_to)


def _quarantined(user: Any) -> QuerySet[Quarantined]:
    return Quarantined.objects.visible_to(user).select_related("feed", "run")


QUARANTINED = List(
    word="quarantined records",
    rows=_quarantined,
    filters=QuarantinedFilters,
    columns=(
        Column("Record", "name", Kind.TITLE, sub="feed.name", to=("feed-detail", "feed_id")),
        Column("Why", "why", Kind.WORDS),
        Column("Begins", "excerpt", Kind.PROSE, cut=20),
        Column("Since", "found_at", Kind.MOMENT, sort="-found_at"),
    ),
    sorts={"found_at": "found_at id"},
    default="-found_at",
)
