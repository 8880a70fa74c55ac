"""Feeds: what the world publishes, taken in again and again; their runs, and what could not be read."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.principals import Principal
from api.fields import Body, Choice, Flag, Reason, Text, Whole
from api.steps import takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step
from feeds import asking, managing, uploading
from feeds.lists import FEED_RUNS, FEEDS, QUARANTINED, with_counts
from feeds.models import Feed, FeedRun, Quarantined
from riskregister import looks


class FeedOut(Out):
    """A feed; `every` and `silent_after` in hours, `mark` how far it is taken in, in the words of its kind."""

    every = serializers.SerializerMethodField()
    silent_after = serializers.SerializerMethodField()
    freshness = serializers.SerializerMethodField()
    in_quarantine = serializers.IntegerField(source="bad", help_text="records that could not be read")
    added_by = refs.PersonRef()

    class Meta:
        model = Feed
        fields = (
            "id", "ref", "name", "kind", "where", "place", "status", "freshness", "is_whole", "every", "silent_after",
            "mark", "last_success_at", "last_news_at", "silent_since", "in_quarantine", "added_by",
        )  # fmt: skip

    def get_every(self, row: Feed) -> int:
        """Return after how many hours it is taken in again; 0: when somebody asks."""
        return managing.in_hours(row)["every"]

    def get_silent_after(self, row: Feed) -> int:
        """Return after how many hours without a success it alarms; 0: never."""
        return managing.in_hours(row)["silent_after"]

    @extend_schema_field(Choice(choices=list(looks.kinds()["feed freshness"])))
    def get_freshness(self, row: Feed) -> str:
        """Return how it stands now: fresh, silent for too long, never taken in, or off."""
        return row.freshness(now=timezone.now())


class FeedRef(Out):
    """A feed by its number and name."""

    class Meta:
        model = Feed
        fields = ("id", "ref", "name")


class FeedEdit(Body):
    """What is changed; what is left out stays."""

    name = Text(max_length=120, required=False)
    where = Choice(choices=Feed.Where.choices, required=False)
    place = Text(max_length=700, required=False)
    every = Whole(min_value=0, required=False, help_text="hours")
    silent_after = Whole(min_value=0, required=False, help_text="hours")
    is_whole = Flag(required=False)


class FeedBody(FeedEdit):
    """What it brings, what it is called, and where its files come from; the rest is as its kind usually has it."""

    kind = Text(max_length=30)
    name = Text(max_length=120)
    where = Choice(choices=Feed.Where.choices)


class FileBody(Body):
    """A file of the feed."""

    file = serializers.FileField(max_length=200)


class FeedRunOut(Out):
    """A run; each record that it saw is new, changed, unchanged, withdrawn or quarantined, and `missing` come besides.

    What a stopped run says would have come of it: it changed nothing. `held` is how many records the feed had before.
    """

    feed = FeedRef()
    asked_by = refs.PersonRef()

    class Meta:
        model = FeedRun
        fields = (
            "id", "feed", "status", "why", "seen", "new", "changed", "unchanged", "withdrawn", "quarantined", "missing",
            "held", "may_lose", "lets_through", "reason", "mark_before", "mark_after", "file_name", "digest",
            "asked_by", "asked_at", "began_at", "ended_at",
        )  # fmt: skip


class QuarantinedOut(Out):
    """A record of a feed that could not be read: its name or its place in the file, why, and how it begins."""

    feed = FeedRef()

    class Meta:
        model = Quarantined
        fields = ("id", "feed", "run", "name", "why", "excerpt", "found_at")


class Feeds(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Feed]):
    """Feeds of the organisation."""

    serializer_class, body_class = FeedOut, FeedBody
    of, orders = FEEDS, ("-number", "last_success_at")

    def get_queryset(self) -> "QuerySet[Feed]":
        """Return the feeds that the caller may see."""
        return with_counts(Feed.objects.visible_to(self.person))

    @takes(managing.add)
    def create(self, request: Request) -> Response:
        """Add a feed; nothing is fetched before its first run."""
        return self.made(managing.add(**self.body(FeedBody), by=self.by, now=timezone.now()))

    @step("change", takes=managing.change, body=FeedEdit)
    def change(self, feed: Feed, *, by: Principal, now: datetime, version: str | None, **data: Any) -> None:
        """Change it; from another place it is taken in whole again."""
        managing.change.over(version)(feed, by=by, now=now, **data)

    @step("switch-off", takes=managing.switch_off, body=Reason)
    def switch_off(self, feed: Feed, *, by: Principal, now: datetime, reason: str) -> None:
        """Take it in no more; what it brought stays, and ages."""
        managing.switch_off(feed, reason=reason, by=by, now=now)

    @step("switch-on", takes=managing.switch_on)
    def switch_on(self, feed: Feed, *, by: Principal, now: datetime) -> None:
        """Take it in again as often as it says."""
        managing.switch_on(feed, by=by, now=now)

    @step("run", takes=asking.run_now, shows=FeedRunOut, status=202)
    def run(self, feed: Feed, *, by: Principal, now: datetime) -> FeedRun:
        """Have it taken in from its place; one that is under way is the answer."""
        return asking.run_now(feed, by=by, now=now)

    @step(
        "upload", takes=asking.take_file, body=FileBody, shows=FeedRunOut, status=202, parser_classes=(MultiPartParser,)
    )
    def upload(self, feed: Feed, *, by: Principal, now: datetime, file: Any) -> FeedRun:
        """Take in a file."""
        return uploading.take_upload(feed, file, by=by, now=now)


class FeedRuns(ListModelMixin, RetrieveModelMixin, Noun[FeedRun]):
    """Runs of feeds."""

    serializer_class = FeedRunOut
    of, orders = FEED_RUNS, ("-asked_at",)

    def get_queryset(self) -> "QuerySet[FeedRun]":
        """Return the runs that the caller may see."""
        return FeedRun.objects.visible_to(self.person).select_related("feed", "asked_by")

    @step("let-through", takes=asking.let_through, body=Reason, shows=FeedRunOut, status=202)
    def let_through(self, run: FeedRun, *, by: Principal, now: datetime, reason: str) -> FeedRun:
        """Take its feed in again; the new run may lose as many records as this one would have."""
        return asking.let_through(run, reason=reason, by=by, now=now)


class QuarantinedRecords(ListModelMixin, RetrieveModelMixin, Noun[Quarantined]):
    """What could not be read of feeds."""

    serializer_class = QuarantinedOut
    of, orders = QUARANTINED, ("-found_at",)

    def get_queryset(self) -> "QuerySet[Quarantined]":
        """Return what the caller may see."""
        return Quarantined.objects.visible_to(self.person).select_related("feed")
