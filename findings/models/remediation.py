"""What is done about a finding: plans with milestones, claimed fixes and their verification, risk acceptances."""

from collections.abc import Collection
from datetime import date
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.access import SharedQuerySet
from accounts.models import Unit, User
from evidence.models import Evidence
from findings.models.finding import Finding
from numbering.models import Numbered
from riskregister import transitions
from riskregister.ids import uuid7
from scoring import deadlines
from vendors import belonging
from vendors.models import Server, Vendor


class RemediationPlanQuerySet(models.QuerySet["RemediationPlan"]):
    """Plans."""

    def under_way(self) -> Self:
        """Return those by which findings are fixed, with the day of the next step of each as `step_on`.

        Those are left out whose finding is due by then: it tells of the day itself.
        """
        undone = Milestone.objects.filter(plan=OuterRef("pk"), done_at=None).order_by("due_on").values("due_on")
        rows = self.filter(is_current=True, finding__status=Finding.Status.REMEDIATING)
        rows = rows.annotate(step_on=Coalesce(Subquery(undone[:1]), F("target_on")))
        return rows.filter(Q(finding__due_on=None) | Q(step_on__lt=F("finding__due_on")))


class RemediationPlan(models.Model):
    """What will be done about a finding, by whom and by when; a new plan replaces the former, which stays on record."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="plans")
    description = models.TextField()
    target_on = models.DateField()
    is_current = models.BooleanField(default=True)
    planned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()

    objects = RemediationPlanQuerySet.as_manager()

    class Meta:
        ordering = ("-planned_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["finding"], name="a_finding_has_one_current_plan", condition=Q(is_current=True)
            ),
        )

    def __str__(self) -> str:
        """Return the plan's first words."""
        return self.description[:80]

    @property
    def next_step(self) -> date:
        """Return the day of its next step: the first milestone that is not done, else its target."""
        undone = self.milestones.filter(done_at=None).values_list("due_on", flat=True)
        return undone.first() or self.target_on


class Milestone(models.Model):
    """A dated step of a remediation plan."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(RemediationPlan, on_delete=models.PROTECT, related_name="milestones")
    title = models.CharField(max_length=200)
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("due_on", "title")

    def __str__(self) -> str:
        """Return the milestone's title."""
        return self.title

    def state(self, *, today: date) -> str:
        """Return how it stands today: "done", "late" from the day after its due date, or "open"."""
        if self.done_at:
            return "done"
        return "late" if deadlines.is_past(self.due_on, today=today) else "open"


class FixClaim(models.Model):
    """Somebody's claim that a finding is fixed, and another person's verdict on it.

    `new_option_key` is the answer that the source question would now have; a passed verdict lays it over the snapshot.
    Whoever passes it may say what the evidence shows of that answer, in which place, and of which day it is.
    """

    class Verdict(models.TextChoices):
        """What the verifier found; empty while nobody has looked."""

        PASSED = "passed"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="fix_claims")
    note = models.TextField()
    new_option_key = models.CharField(max_length=60, blank=True)
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    claimed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField()
    verdict = models.CharField(max_length=6, choices=Verdict, blank=True)
    verdict_note = models.TextField(blank=True)
    shows = models.TextField(blank=True, help_text="what of the new answer the evidence shows")
    location = models.CharField(max_length=200, blank=True, help_text="page or section")
    document_date = models.DateField(null=True, blank=True)
    verified_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-claimed_at",)
        constraints = (
            models.UniqueConstraint(fields=["finding"], name="a_finding_awaits_one_verdict", condition=Q(verdict="")),
            models.CheckConstraint(
                name="whoever_verifies_a_fix_did_not_claim_it",
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("claimed_by")),
            ),
            models.CheckConstraint(
                name="a_verdict_names_its_verifier",
                condition=Q(verdict="") | Q(verified_by__isnull=False, verified_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "fix of F-7 (passed)"."""
        return f"fix of {self.finding.ref} ({self.verdict or 'waits'})"


class RiskAcceptanceQuerySet(SharedQuerySet["RiskAcceptance"]):
    """Risk acceptances of the units a person works in, and those about vendors."""

    def of_units(self, units: Collection[UUID] | None) -> "RiskAcceptanceQuerySet":
        """Return the acceptances that belong to the units, as their findings do; None: all there are."""
        return self if units is None else self.filter(RiskAcceptance.belonging_to(units))

    def in_force(self, *, today: date) -> "RiskAcceptanceQuerySet":
        """Return the acceptances that count today."""
        return self.filter(RiskAcceptance.in_force_on(today))


class RiskAcceptance(Numbered):
    """A signed, reasoned decision to live with a finding, or with a server's low score, until a date.

    Expiry is asked of the clock: after `expires_on` it no longer counts, whatever the status says.
    """

    class Status(models.TextChoices):
        """Where the decision is."""

        REQUESTED = "requested"
        GRANTED = "granted"
        REFUSED = "refused"
        REVOKED = "revoked"

    TRANSITIONS = transitions.table(requested="granted refused", granted="revoked")

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="acceptances")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, null=True, blank=True, related_name="acceptances")
    server = models.ForeignKey(Server, on_delete=models.PROTECT, null=True, blank=True, related_name="acceptances")
    status = models.CharField(max_length=10, choices=Status, default=Status.REQUESTED)
    reason = models.TextField()
    compensating_control = models.TextField()
    expires_on = models.DateField()
    residual_at_request = models.CharField(max_length=20, blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    expiry_recorded_at = models.DateTimeField(null=True, blank=True)

    objects = RiskAcceptanceQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=["status", "expires_on"], name="acceptance_by_expiry"),
            models.Index(fields=["expires_on", "number"], name="acceptance_by_end"),
            models.Index(fields=["requested_at", "number"], name="acceptance_by_request"),
        )
        constraints = (
            models.CheckConstraint(
                name="an_acceptance_is_of_a_finding_or_of_a_server",
                condition=Q(finding__isnull=False, server__isnull=True) | Q(finding__isnull=True, server__isnull=False),
            ),
            models.CheckConstraint(
                name="whoever_grants_an_acceptance_did_not_request_it",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="a_decided_acceptance_names_its_decider",
                condition=Q(status="requested") | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["finding"], name="a_finding_has_one_open_request", condition=Q(status="requested")
            ),
            models.UniqueConstraint(
                fields=["server"], name="a_server_has_one_open_request", condition=Q(status="requested")
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "RA-3 for F-7"."""
        return f"{self.ref} for {(self.finding or self.server).ref}"  # type: ignore[union-attr]

    @classmethod
    def belonging_to(cls, units: Collection[UUID]) -> Q:
        """Return the condition that an acceptance belongs to the units."""
        return belonging.to_units(units, vendor="finding__vendor")

    @property
    def subject(self) -> Server | Vendor:
        """Return the server or vendor whose risk it is."""
        return self.finding.subject if self.finding else self.server  # type: ignore[return-value]  # by a constraint

    @classmethod
    def in_force_on(cls, today: date) -> Q:
        """Return the condition that one was granted, was not revoked, and has not expired by the day."""
        return Q(status=cls.Status.GRANTED, expires_on__gte=today)

    def is_in_force(self, *, today: date) -> bool:
        """Return whether it counts today."""
        return self.status == self.Status.GRANTED and self.expires_on >= today

    def state(self, *, today: date) -> str:
        """Return how it stands today: its status, or once granted "in_force" and, from the day after, "expired"."""
        if self.status != self.Status.GRANTED:
            return self.status
        return "in_force" if self.is_in_force(today=today) else "expired"
