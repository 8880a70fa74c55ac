"""Findings: judged deficiencies with severity, owner and due date; one identity over the years."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.access import SharedQuerySet
from accounts.models import Unit, User
from assessments.models import Assessment
from catalogue.models import Dimension
from numbering.models import Numbered
from riskregister import transitions
from riskregister.ids import uuid7
from scoring import deadlines
from scoring.scales import Severity
from vendors import belonging
from vendors.models import Server, Vendor


class FindingQuerySet(SharedQuerySet["Finding"]):
    """Findings of the units a person works in, and those about vendors, which everybody shares."""

    def of_units(self, units: Collection[UUID] | None) -> "FindingQuerySet":
        """Return the findings that belong to the units (see `vendors.belonging`); None: all there are."""
        return self if units is None else self.filter(Finding.belonging_to(units))

    def elsewhere(self, units: Collection[UUID]) -> "FindingQuerySet":
        """Return those that belong to some unit, and to none of these."""
        others: Any = Unit.objects.exclude(pk__in=list(units)).order_by().values("pk")
        return self.filter(Finding.belonging_to(others)).exclude(Finding.belonging_to(units))

    def unsettled(self) -> "FindingQuerySet":
        """Return findings on which something is still to be done or lived with: judged, and not closed or dismissed."""
        return self.filter(status__in=Finding.UNSETTLED)

    def being_fixed(self) -> "FindingQuerySet":
        """Return findings on which work is left."""
        return self.filter(status__in=Finding.BEING_FIXED)

    def overdue(self, *, today: date) -> "FindingQuerySet":
        """Return findings being worked on whose due date has passed."""
        return self.filter(Finding.overdue_on(today))


class Finding(Numbered):
    """A judged deficiency of a server or a vendor.

    Unique by subject, source and stable key: next year's same bad answer joins the open finding or reopens the closed
    one. What is observed (`is_observed`, the occurrences) and what is decided (`status`) are separate.
    """

    class Source(models.TextChoices):
        """Where it came from."""

        QUESTIONNAIRE = "questionnaire"
        CONDITION = "condition", "Missed condition"
        MANUAL = "manual"
        MONITORING = "monitoring"
        GOVERNANCE = "governance"

    class Status(models.TextChoices):
        """Where it is."""

        PROPOSED = "proposed"
        OPEN = "open"
        REMEDIATING = "remediating"
        AWAITING_VERIFICATION = "awaiting_verification", "Awaiting verification"
        ACCEPTED = "accepted", "Risk accepted"
        CLOSED = "closed"
        DISMISSED = "dismissed"

    TRANSITIONS = transitions.table(
        proposed="open dismissed closed",
        open="remediating accepted dismissed closed",
        remediating="awaiting_verification accepted closed",
        awaiting_verification="closed remediating",
        accepted="open closed",
        closed="open",
        dismissed="open",
    )
    BEING_FIXED = (Status.OPEN, Status.REMEDIATING, Status.AWAITING_VERIFICATION)
    UNSETTLED = (*BEING_FIXED, Status.ACCEPTED)
    # What somebody still has to look at.
    LIVE = (Status.PROPOSED, *UNSETTLED)
    SETTLED = (Status.CLOSED, Status.DISMISSED)

    # Of unit, server, vendor and owner indexes with further columns begin with them.
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="findings", db_index=False
    )
    server = models.ForeignKey(
        Server, on_delete=models.PROTECT, null=True, blank=True, related_name="findings", db_index=False
    )
    vendor = models.ForeignKey(
        Vendor, on_delete=models.PROTECT, null=True, blank=True, related_name="findings", db_index=False
    )
    source = models.CharField(max_length=14, choices=Source)
    stable_key = models.CharField(max_length=120)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    recommendation = models.TextField(blank=True)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices())
    observed_severity = models.PositiveSmallIntegerField(
        choices=Severity.choices(), null=True, blank=True, help_text="as its source said last, whatever people judge"
    )
    dimension = models.CharField(
        max_length=30, choices=Dimension, blank=True, help_text="empty for a missed condition, which belongs to no one"
    )
    status = models.CharField(max_length=22, choices=Status, default=Status.OPEN)
    is_information_gap = models.BooleanField(default=False)
    is_observed = models.BooleanField(default=True)
    last_observed_at = models.DateTimeField()
    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, null=True, blank=True, related_name="findings_raised"
    )
    question_key = models.CharField(max_length=80, blank=True)
    question_text = models.TextField(blank=True)
    answer_text = models.TextField(blank=True)
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="findings_owned", db_index=False
    )
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.TextField(blank=True)
    is_demo = models.BooleanField(default=False, editable=False)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ("severity", "due_on", "-number")
        indexes = (
            models.Index(fields=["-created_at", "-id"], name="finding_by_age"),
            models.Index(fields=["unit", "-created_at", "-id"], name="finding_by_unit_age"),
            models.Index(fields=["severity", "due_on", "-number"], name="finding_by_severity"),
            models.Index(fields=["unit", "severity", "due_on", "-number"], name="finding_by_unit_severity"),
            models.Index(fields=["status", "-created_at", "-id"], name="finding_by_status_age"),
            models.Index(fields=["status", "severity", "due_on", "-number"], name="finding_by_status_severity"),
            models.Index(fields=["due_on", "-id"], name="finding_by_due"),
            models.Index(fields=["status", "due_on", "-id"], name="finding_by_status_due"),
            models.Index(fields=["source", "-created_at", "-id"], name="finding_by_source"),
            models.Index(fields=["-created_at", "-id"], name="finding_gap", condition=Q(is_information_gap=True)),
            # What is to do of a server is counted without reading the rows, in all units or in some.
            models.Index(fields=["server", "status", "unit", "id"], name="finding_by_server"),
            models.Index(fields=["vendor", "status"], name="finding_by_vendor"),
            models.Index(fields=["owner", "status"], name="finding_by_owner"),
            # Who owns a finding of these units is told without reading the rows.
            models.Index(fields=["owner", "unit"], name="finding_by_owner_unit"),
            # The dashboard counts a unit by these without reading the rows.
            models.Index(
                fields=["unit", "status", "due_on", "severity", "owner", "created_at"], name="finding_by_work"
            ),
            models.Index(fields=["unit", "opened_at"], name="finding_by_opening"),
            models.Index(fields=["unit", "closed_at"], name="finding_by_closing"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["server", "source", "stable_key"],
                name="a_server_has_a_finding_once",
                condition=Q(server__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["vendor", "source", "stable_key"],
                name="a_vendor_has_a_finding_once",
                condition=Q(vendor__isnull=False),
            ),
            models.CheckConstraint(
                name="a_finding_is_about_a_server_or_a_vendor",
                condition=Q(server__isnull=False, vendor__isnull=True, unit__isnull=False)
                | Q(server__isnull=True, vendor__isnull=False, unit__isnull=True),
            ),
            models.CheckConstraint(
                name="a_finding_being_fixed_has_a_due_date",
                condition=~Q(status__in=["open", "remediating", "awaiting_verification"]) | Q(due_on__isnull=False),
            ),
            models.CheckConstraint(
                name="a_closed_finding_says_when",
                condition=~Q(status="closed") | Q(closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_dismissed_finding_says_when",
                condition=~Q(status="dismissed") | Q(dismissed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_finding_closes_after_it_opened",
                condition=Q(closed_at__isnull=True) | Q(opened_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "F-1042 Releases are not signed"."""
        return f"{self.ref} {self.title}"

    @property
    def subject(self) -> Server | Vendor:
        """Return the server or vendor that it is about."""
        return self.server or self.vendor  # type: ignore[return-value]  # a constraint says that one is there

    @property
    def latest_claimer(self) -> User | None:
        """Return who claimed last that it is fixed."""
        claim = self.fix_claims.first()
        return claim.claimed_by if claim else None

    @property
    def is_severe(self) -> bool:
        """Return whether it is critical or high, by its source or by what people judge: lowering it hides neither."""
        return Severity(min(self.severity, self.observed_severity or self.severity)).is_severe

    @classmethod
    def severe(cls, *, finding: str = "") -> Q:
        """Return the condition that a finding (at the path `finding`) is so."""
        judged, observed = (f"{finding}{name}__lte" for name in ("severity", "observed_severity"))
        return Q(**{judged: Severity.HIGH}) | Q(**{observed: Severity.HIGH})

    @classmethod
    def belonging_to(cls, units: Collection[UUID]) -> Q:
        """Return the condition that a finding belongs to the units."""
        return belonging.to_units(units, vendor="vendor")

    @classmethod
    def overdue_on(cls, today: date) -> Q:
        """Return the condition that a finding is being worked on and its due date has passed."""
        return Q(status__in=cls.BEING_FIXED, due_on__lt=today)

    @classmethod
    def is_late(cls, status: str, due_on: date | None, *, today: date) -> bool:
        """Return the same of a status and a due date."""
        return status in cls.BEING_FIXED and due_on is not None and due_on < today

    def is_overdue(self, *, today: date) -> bool:
        """Return whether it is being worked on and its due date has passed."""
        return self.is_late(self.status, self.due_on, today=today)

    def age_in_days(self, *, today: date) -> int:
        """Return days from when it was first seen to its closing, or to `today`, in the organisation's zone.

        Settled and opened again it is as old as it was.
        """
        begun = timezone.localdate(self.created_at)
        return ((timezone.localdate(self.closed_at) if self.closed_at else today) - begun).days


class GivenAwayQuerySet(models.QuerySet["GivenAway"]):
    """Who gave which finding away."""

    def since_it_opened(self) -> "GivenAwayQuerySet":
        """Return who gave it away since it opened last."""
        return self.filter(at__gte=Coalesce("finding__opened_at", "finding__created_at"))


class GivenAway(models.Model):
    """That an owner gave a finding away: since they had it in hand, they do not settle it."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="given_away")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = GivenAwayQuerySet.as_manager()

    def __str__(self) -> str:
        """Return who gave it away."""
        return str(self.person)


class Leniency(models.Model):
    """That somebody made less of a critical or high finding: lowered it, dismissed or closed it, or gave it time.

    They do not approve a server over it since.
    """

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="leniencies")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=20, help_text="in a sentence: lowered, dismissed, closed, gave time to")
    at = models.DateTimeField()

    def __str__(self) -> str:
        """Return who did what."""
        return f"{self.person} {self.what} {self.finding.ref}"


class Occurrence(models.Model):
    """One time that a finding was observed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="occurrences")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    observed_at = models.DateTimeField()
    answer_text = models.TextField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("-observed_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["finding", "assessment"],
                name="an_assessment_observes_a_finding_once",
                condition=Q(assessment__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return the day of the observation."""
        return deadlines.written(timezone.localdate(self.observed_at))
