"""Feeds, their runs, and the records that could not be read."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.access import OrganisationQuerySet
from accounts.models import User
from evidence.models import Blob
from numbering.models import Numbered
from riskregister import transitions
from riskregister.ids import uuid7


class FeedQuerySet(OrganisationQuerySet["Feed"]):
    """Feeds of the organisation."""

    def on(self) -> Self:
        """Return those that are switched on."""
        return self.filter(status=Feed.Status.ON)


class Feed(Numbered):
    """Something that the world publishes and that is taken in again and again, from one place, in one form.

    `kind` is the word of a kind that a room above registered (`feeds.kinds`). `place` is an address, or a path within
    the folder of feeds; of what is uploaded it is empty. `mark` is how far it has been taken in, in the words of its
    kind, and moves only in the transaction that stored the last of it.
    """

    class Status(models.TextChoices):
        """Whether it is taken in."""

        ON = "on"
        OFF = "off"

    class Where(models.TextChoices):
        """Where its files come from."""

        ADDRESS = "address", "An address"
        FOLDER = "folder", "A file or folder of this installation"
        UPLOAD = "upload", "Files that somebody uploads"

    TRANSITIONS = transitions.table(on="off", off="on")

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=30)
    where = models.CharField(max_length=10, choices=Where)
    place = models.CharField(max_length=700, blank=True)
    status = models.CharField(max_length=3, choices=Status, default=Status.ON)
    is_whole = models.BooleanField(
        default=True, help_text="each file has all of it: what a file does not name any more is gone"
    )
    every = models.DurationField(default=timedelta, help_text="how often it is taken in; zero: when somebody asks")
    silent_after = models.DurationField(default=timedelta, help_text="after so long without a success; zero: never")
    mark = models.CharField(max_length=200, blank=True)
    etags = models.JSONField(default=dict, blank=True, help_text="of the files that were taken in, by their address")
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_news_at = models.DateTimeField(null=True, blank=True, help_text="when a run last changed something")
    silent_since = models.DateTimeField(null=True, blank=True, help_text="when it was found to be silent")
    switched_at = models.DateTimeField(help_text="on or off, or added")
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_demo = models.BooleanField(default=False)

    objects = FeedQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.CheckConstraint(
                name="a_feed_has_a_place_unless_it_is_uploaded",
                condition=Q(where="upload", place="") | ~Q(where="upload") & ~Q(place=""),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "FD-2 OSV, PyPI"."""
        return f"{self.ref} {self.name}"

    @property
    def counts_from(self) -> datetime:
        """Return since when its silence is counted: the last success, or when it was last switched on."""
        return max(self.last_success_at or self.switched_at, self.switched_at)

    @property
    def fresh_until(self) -> datetime | None:
        """Return until when it may be silent; None for one that may be for ever."""
        return self.counts_from + self.silent_after if self.silent_after else None

    def freshness(self, *, now: datetime) -> str:
        """Return how it stands: off, never (nothing was taken in yet), silent (for too long), or fresh."""
        is_late = self.fresh_until is not None and self.fresh_until < now
        return "silent" if self.status == Feed.Status.ON and is_late else self.standing

    @property
    def standing(self) -> str:
        """Return the same as the last sweep found it, some minutes ago at most."""
        if self.status == Feed.Status.OFF:
            return "off"
        if self.silent_since is not None:
            return "silent"
        return "fresh" if self.last_success_at else "never"


class FeedRunQuerySet(models.QuerySet["FeedRun"]):
    """Runs of feeds, which everybody sees who sees the feeds."""

    def visible_to(self, user: object) -> Self:
        """Return those of the feeds that the person sees."""
        return self.filter(feed__in=Feed.objects.visible_to(user))

    def under_way(self) -> Self:
        """Return those that have not ended."""
        return self.filter(status__in=FeedRun.UNDER_WAY)


class FeedRun(models.Model):
    """One time that a feed was taken in.

    Each record that its file has came to one thing: it was new, changed, unchanged, withdrawn (its source takes it
    back, which it did not before) or quarantined. `missing` are records that the file has no more. One that was stopped
    says what would have come of it, and changed nothing.
    """

    class Status(models.TextChoices):
        """Where it is."""

        QUEUED = "queued"
        RUNNING = "running"
        COMPLETE = "complete"
        FAILED = "failed"
        STOPPED = "stopped", "Stopped"

    TRANSITIONS = transitions.table(queued="running failed", running="complete failed stopped")
    UNDER_WAY = (Status.QUEUED, Status.RUNNING)
    COUNTS = ("seen", "new", "changed", "unchanged", "withdrawn", "quarantined", "missing")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="runs")
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    why = models.TextField(blank=True, help_text="it failed or was stopped, or what is said beside its figures")
    seen = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0)
    quarantined = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0, help_text="records that the feed had before, not taken back")
    may_lose = models.PositiveIntegerField(default=0, help_text="records that somebody let it lose, with a reason")
    lets_through = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="let_through_by"
    )
    reason = models.TextField(blank=True, help_text="why it may lose so many")
    mark_before = models.CharField(max_length=200, blank=True)
    mark_after = models.CharField(max_length=200, blank=True)
    file = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    file_name = models.CharField(max_length=200, blank=True, help_text="of what somebody uploaded or named")
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the file; of a folder there is none")
    asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        help_text="empty: the schedule, or a command",
    )  # fmt: skip
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    turn = models.UUIDField(null=True, blank=True, help_text="of the worker that performs it")
    touched_at = models.DateTimeField(null=True, blank=True, help_text="when its worker was last heard of")

    objects = FeedRunQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-id")
        indexes = (
            models.Index(fields=["-asked_at", "-id"], name="feed_run_by_time"),
            models.Index(fields=["feed", "-asked_at", "-id"], name="feed_run_by_feed_time"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["feed"], name="a_feed_is_taken_in_once_at_a_time", condition=Q(status__in=["queued", "running"])
            ),
            models.CheckConstraint(
                name="each_record_seen_came_to_one_thing",
                condition=Q(
                    seen=F("new") + F("changed") + F("unchanged") + F("withdrawn") + F("quarantined"),
                ),
            ),
            models.CheckConstraint(
                name="a_feed_run_that_ended_says_when",
                condition=Q(status__in=["queued", "running"]) | Q(ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_feed_run_in_vain_says_why", condition=~Q(status__in=["failed", "stopped"]) | ~Q(why="")
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "Run of FD-2 OSV, PyPI"."""
        return f"Run of {self.feed}"

    @property
    def lost(self) -> int:
        """Return how many of the records that the feed had are withdrawn or gone by it."""
        return self.withdrawn + self.missing


class QuarantinedQuerySet(models.QuerySet["Quarantined"]):
    """What could not be read of feeds, which everybody sees who sees the feeds."""

    def visible_to(self, user: object) -> Self:
        """Return those of the feeds that the person sees."""
        return self.filter(feed__in=Feed.objects.visible_to(user))


class Quarantined(models.Model):
    """A record of a feed that could not be read: it goes when it is read later, or its file has it no more."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="quarantined")
    run = models.ForeignKey(FeedRun, on_delete=models.CASCADE, related_name="+", help_text="that found it so first")
    name = models.CharField(max_length=300, help_text="of the record, or of the place where it stands in the file")
    why = models.CharField(max_length=300)
    excerpt = models.CharField(max_length=500, blank=True)
    found_at = models.DateTimeField()

    objects = QuarantinedQuerySet.as_manager()

    class Meta:
        ordering = ("-found_at", "-id")
        verbose_name_plural = "quarantined"
        indexes = (models.Index(fields=["-found_at", "-id"], name="quarantined_by_time"),)
        constraints = (models.UniqueConstraint(fields=["feed", "name"], name="a_record_of_a_feed_is_quarantined_once"),)

    def __str__(self) -> str:
        """Return its name with the reason."""
        return f"{self.name}: {self.why}"
