"""Runs of collectors, each of which looked at a server once, and what a look saw."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.access import ScopedQuerySet
from accounts.models import User
from evidence.models import Blob
from riskregister import transitions
from riskregister.ids import uuid7
from vendors.models import Release, Server


class Collector(models.TextChoices):
    """What looks."""

    INSPECTION = "inspection", "Inspection"
    CHECKS = "checks", "Checks of the manifest"
    SCANNER = "scanner", "Results of another scanner"
    NPM = "npm", "Look-up in npm"
    PYPI = "pypi", "Look-up in PyPI"
    TLS = "tls", "Trial of TLS"
    AUTHENTICATION = "authentication", "Trial of authentication"
    SECURITY_TXT = "security_txt", "Look-up of security.txt"
    REGISTRY = "registry", "Look-up in the MCP registry"
    SCORECARD = "scorecard", "Look-up of OpenSSF Scorecard"
    COMPOSITION = "composition", "Comparison with advisories"
    INTELLIGENCE = "intelligence", "Comparison with indicators"


# For how long what a collector saw counts. Each is longer than the schedule of the mildest tier, so that what is looked
# at regularly does not go stale in between.
FRESH = {
    Collector.INSPECTION: timedelta(days=45),
    Collector.CHECKS: timedelta(days=45),
    Collector.SCANNER: timedelta(days=90),
    Collector.NPM: timedelta(days=45),
    Collector.PYPI: timedelta(days=45),
    Collector.TLS: timedelta(days=45),
    Collector.AUTHENTICATION: timedelta(days=45),
    Collector.SECURITY_TXT: timedelta(days=90),
    Collector.REGISTRY: timedelta(days=45),
    Collector.SCORECARD: timedelta(days=45),
    # Both are done daily for every server, whatever its tier.
    Collector.COMPOSITION: timedelta(days=7),
    Collector.INTELLIGENCE: timedelta(days=7),
}


class RunQuerySet(ScopedQuerySet["Run"]):
    """Runs over the servers of the units a person works in."""

    unit_path = "server__unit_id"

    def under_way(self) -> Self:
        """Return those that have not ended yet."""
        return self.filter(status__in=Run.UNDER_WAY)

    def of(self, collector: Collector) -> Self:
        """Return those of one collector."""
        return self.filter(collector=collector)


class Run(models.Model):
    """One look of a collector at a server. Only a complete one says anything; one that failed or came back empty says
    that the server is not assessed, and why. What another scanner says is its claim, and no look of the register.

    `release` is the one whose address was used, `captured` the one that has what was seen. `address` is the way in: the
    address of a remote, or the name of a package that was started. `code` is the reason in one
    word for programs, `why` in words for people; both are empty for a complete run.
    """

    class Status(models.TextChoices):
        """Where it is."""

        QUEUED = "queued"
        RUNNING = "running"
        COMPLETE = "complete"
        EMPTY = "empty", "Empty: not assessed"
        FAILED = "failed", "Failed: not assessed"

    TRANSITIONS = transitions.table(queued="running failed", running="complete empty failed")
    UNDER_WAY = (Status.QUEUED, Status.RUNNING)
    NOT_ASSESSED = (Status.EMPTY, Status.FAILED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    collector = models.CharField(max_length=20, choices=Collector)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="runs")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    address = models.CharField(
        max_length=700, blank=True, help_text="of a remote, or the name of a package; empty: it connected to nothing"
    )
    version = models.CharField(max_length=120, blank=True, help_text="of the set of checks, or of the scanner")
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    code = models.CharField(max_length=30, blank=True)
    why = models.TextField(blank=True)
    captured = models.ForeignKey(Release, on_delete=models.PROTECT, null=True, blank=True, related_name="runs")
    raw = models.ForeignKey(
        Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="runs", help_text="the answers as they came"
    )
    raw_digest = models.CharField(
        max_length=64,
        blank=True,
        help_text="SHA-256 of answers in the form of RFC 8785, of all that was checked, or of a scanner's document",
    )
    asked_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="empty: the schedule, or a command",
    )
    asked_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    as_of = models.DateTimeField(
        null=True, blank=True, help_text="when somebody else found what was read; empty: the look found it itself"
    )

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ("-asked_at", "-id")
        indexes = (
            models.Index(fields=["-asked_at", "-id"], name="run_by_time"),
            models.Index(fields=["server", "-asked_at", "-id"], name="run_by_server_time"),
            # When a collector last saw anything is told without reading its runs.
            models.Index(fields=["collector", "status", "-ended_at"], name="run_by_collector_end"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["server", "collector", "address"],
                name="a_collector_looks_at_an_address_once_at_a_time",
                condition=Q(status__in=["queued", "running"]),
            ),
            models.CheckConstraint(
                name="a_run_that_ended_says_when",
                condition=Q(status__in=["queued", "running"]) | Q(ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_run_without_an_outcome_says_why",
                condition=~Q(status__in=["empty", "failed"]) | ~Q(why=""),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "Inspection of S-12 Filesystem"."""
        return f"{self.get_collector_display()} of {self.server}"

    @property
    def fresh_until(self) -> datetime | None:
        """Return until when what it saw counts, None for one that has not ended."""
        return self.seen_at + FRESH[Collector(self.collector)] if self.seen_at else None

    @property
    def seen_at(self) -> datetime | None:
        """Return from when on what it saw ages, None for one that has not ended."""
        return (self.as_of or self.ended_at) if self.ended_at else None

    def later(self) -> "Run | None":
        """Return the last complete run of its kind and address that ended after it, which may have seen it all."""
        same = Run.objects.filter(server=self.server_id, collector=self.collector, address=self.address)
        complete = same.filter(status=Run.Status.COMPLETE)
        return complete.filter(ended_at__gt=self.ended_at).order_by("-ended_at").first() if self.ended_at else None


class Sighting(models.Model):
    """What one look saw, as `monitoring.sightings` writes it, under the SHA-256 of the text, which the sealed event of
    the look's end says. Looks that saw the same share it; nothing of it changes (triggers).
    """

    digest = models.CharField(max_length=64, primary_key=True)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()

    def __str__(self) -> str:
        """Return the digest."""
        return self.digest
