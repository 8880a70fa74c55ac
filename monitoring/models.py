"""Runs of collectors, each of which looked at a server once, and what they saw there."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Length, Now
from django.db.models.lookups import LessThanOrEqual

from accounts.access import ScopedQuerySet
from accounts.models import User
from evidence.models import Blob
from findings.models import Finding
from riskregister import limits, transitions
from riskregister.ids import uuid7
from scoring.scales import Severity
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


class Task(models.Model):
    """What a collector that runs apart is to do for a run, until what it brought is taken in: plain data, and never a
    credential.
    """

    run = models.OneToOneField(Run, on_delete=models.PROTECT, primary_key=True, related_name="task")
    collector = models.CharField(max_length=20, choices=Collector)
    asks = models.TextField(help_text="where to look and what for, as canonical JSON")
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return what it is for."""
        return str(self.run)


class Claim(models.Model):
    """That a collector has taken a task for the first, second or third time; the moment is the database's."""

    MOST = 3

    id = models.UUIDField(primary_key=True, editable=False)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="claims")
    attempt = models.PositiveSmallIntegerField()
    claimed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["task", "attempt"], name="a_task_is_claimed_once_at_a_time"),
            models.CheckConstraint(name="a_task_is_claimed_three_times_at_most", condition=Q(attempt__range=(1, 3))),
        )

    def __str__(self) -> str:
        """Return which attempt it is."""
        return f"{self.task_id} {self.attempt}"


class Brought(models.Model):
    """What a collector brought for its claim, as it wrote it: a stranger's text until the register has read it."""

    LONGEST = 16 * limits.MIB

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, primary_key=True, related_name="brought")
    text = models.TextField()
    digest = models.CharField(max_length=64)
    brought_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="what_is_brought_is_not_too_long", condition=LessThanOrEqual(Length("text"), 16 * limits.MIB)
            ),
        )

    def __str__(self) -> str:
        """Return its digest."""
        return self.digest


class ObservationQuerySet(ScopedQuerySet["Observation"]):
    """What was observed of the servers of the units a person works in."""

    unit_path = "server__unit_id"

    def fresh(self, *, now: datetime) -> Self:
        """Return what the last complete look of its collector still saw, and saw so lately that it counts."""
        lately = Q()
        for collector, lasts in FRESH.items():
            lately |= Q(collector=collector, ages_from__gte=now - lasts)
        return self.alias(ages_from=Coalesce("run__as_of", "last_seen_at")).filter(lately, is_seen=True)


class Observation(models.Model):
    """Something that a collector sees of a server at an address, under a key of its own, from first to last.

    `value` is as it was seen last, and `value_since` when it was first seen so. `is_seen`: whether the last complete
    run still saw it. What became of it, if anything, is a finding. `fact` is the name of the fact that it bears on, of
    `comparisons.FACTS`, empty for none, and `holds` whether that is so.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="observations")
    collector = models.CharField(max_length=20, choices=Collector)
    address = models.CharField(max_length=700, blank=True, help_text="of the run, where it was seen")
    key = models.CharField(max_length=120)
    words = models.CharField(max_length=300)
    value = models.CharField(max_length=500, blank=True)
    value_since = models.DateTimeField()
    severity = models.PositiveSmallIntegerField(
        choices=Severity.choices(), null=True, blank=True, help_text="empty for what is a fact and no fault"
    )
    is_assessed = models.BooleanField(default=True, help_text="no: the value says why nothing is known of it")
    fact = models.CharField(max_length=40, blank=True, help_text="that it bears on, with which answers are compared")
    holds = models.BooleanField(null=True, blank=True, help_text="whether the fact is so; empty where it is about none")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    is_seen = models.BooleanField(default=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="observations", help_text="that saw it last")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, null=True, blank=True, related_name="observations")

    objects = ObservationQuerySet.as_manager()

    class Meta:
        ordering = ("-last_seen_at", "-id")
        indexes = (
            models.Index(fields=["-last_seen_at", "-id"], name="observation_by_time"),
            # Which findings a look raised.
            models.Index(
                fields=["collector", "finding"], name="observation_by_finding", condition=Q(finding__isnull=False)
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["server", "collector", "address", "key"], name="a_collector_sees_a_thing_at_an_address_once"
            ),
            models.CheckConstraint(
                name="an_observation_says_whether_its_fact_is_so",
                condition=Q(fact="", holds__isnull=True) | ~Q(fact="") & Q(holds__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return it in words, with its value."""
        return f"{self.words}: {self.value}" if self.value else self.words

    @property
    def fresh_until(self) -> datetime:
        """Return until when it counts."""
        return self.seen_at + FRESH[Collector(self.collector)]

    @property
    def seen_at(self) -> datetime:
        """Return when it was found, from when on it ages: what was read elsewhere can be older than the look."""
        return self.run.as_of or self.last_seen_at

    def state(self, *, now: datetime) -> str:
        """Return how it stands: fresh, stale (seen too long ago), gone (not seen any more), or not assessed."""
        if not self.is_seen:
            return "gone"
        if not self.is_assessed:
            return "not_assessed"
        return "fresh" if self.fresh_until >= now else "stale"
