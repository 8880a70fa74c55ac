"""Decisions about a server: approvals with conditions, rejections, and overrides of a rating."""

from collections.abc import Collection
from datetime import date

from django.db import models
from django.db.models import F, Q

from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from assessments.models import Assessment
from findings.models.finding import Finding
from numbering.models import Numbered
from riskregister import transitions
from riskregister.ids import uuid7
from scoring import deadlines
from vendors.models import Release, Server


class ApprovalQuerySet(ScopedQuerySet["Approval"]):
    """Decisions about the servers of the units a person works in."""

    def in_force(self, *, today: date) -> "ApprovalQuerySet":
        """Return decisions that let agents use a server today."""
        return self.filter(
            status=Approval.Status.GRANTED,
            decision__in=[Approval.Decision.APPROVE, Approval.Decision.APPROVE_WITH_CONDITIONS],
            valid_until__gte=today,
        )

    def letting_use(self, *, today: date) -> "ApprovalQuerySet":
        """Return those of in_force by which agents may use their server: it stands approved, pinned to the release
        that was judged, which has the tools that it had then.
        """
        as_decided = Q(release=F("server__pinned_release"), manifest_digest=F("release__manifest_digest"))
        return self.in_force(today=today).filter(as_decided, server__status=Server.Status.APPROVED)


class Approval(Numbered):
    """One decision, bound to the release and manifest that were judged."""

    class Decision(models.TextChoices):
        """What was decided."""

        APPROVE = "approve", "Approved"
        APPROVE_WITH_CONDITIONS = "approve_with_conditions", "Approved with conditions"
        REJECT = "reject", "Rejected"

    class Status(models.TextChoices):
        """Whether the decision stands."""

        GRANTED = "granted", "In force"
        WITHDRAWN = "withdrawn"
        SUPERSEDED = "superseded"

    TRANSITIONS = transitions.table(granted="withdrawn superseded")
    # What the clock makes of one that stands; never stored.
    EXPIRED = "expired"

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="approvals")
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="approvals")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="approvals")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="approvals")
    manifest_digest = models.CharField(max_length=64, blank=True)
    decision = models.CharField(max_length=24, choices=Decision)
    status = models.CharField(max_length=10, choices=Status, default=Status.GRANTED)
    reason = models.TextField()
    residual = models.CharField(max_length=20, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_reason = models.TextField(blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        ordering = ("-decided_at",)
        indexes = (
            models.Index(fields=["status"], name="approval_by_status"),
            models.Index(fields=["decision"], name="approval_by_decision"),
            models.Index(fields=["valid_until", "number"], name="approval_by_end"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["server"], name="a_server_has_one_decision_in_force", condition=Q(status="granted")
            ),
            models.CheckConstraint(
                name="an_approval_has_an_end", condition=Q(decision="reject") | Q(valid_until__isnull=False)
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "AP-4 S-12 Filesystem approved"."""
        return f"{self.ref} {self.server} {self.outcome}"

    @property
    def outcome(self) -> str:
        """Return the decision as what became of the server, e.g. "approved with conditions"."""
        return _OUTCOMES[self.Decision(self.decision)]

    @classmethod
    def in_states(cls, states: Collection[str], *, today: date) -> Q:
        """Return the condition that a decision is in one of these states today, as `state` says it."""
        ended = Q(status=cls.Status.GRANTED, valid_until__isnull=False, valid_until__lt=today)
        found = Q(status__in=[state for state in states if state != cls.EXPIRED]) & ~ended
        return found | ended if cls.EXPIRED in states else found

    def state(self, *, today: date) -> str:
        """Return how it stands today: its status, or "expired" from the day after its last one."""
        has_ended = self.valid_until is not None and deadlines.is_past(self.valid_until, today=today)
        return self.EXPIRED if has_ended and self.status == self.Status.GRANTED else self.status


_OUTCOMES = {
    Approval.Decision.APPROVE: "approved",
    Approval.Decision.APPROVE_WITH_CONDITIONS: "approved with conditions",
    Approval.Decision.REJECT: "rejected",
}


class EndNotice(models.Model):
    """The end of an approval, told ahead, on its day or afterwards; one a step, so that nobody is told twice."""

    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="end_notices")
    step = models.CharField(
        max_length=10, choices=[("30", "30 days"), ("7", "7 days"), ("0", "Last day"), ("expired", "Expired")]
    )
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ("sent_at",)
        constraints = (models.UniqueConstraint(fields=["approval", "step"], name="an_end_is_told_once_a_step"),)

    def __str__(self) -> str:
        """Return the step."""
        return self.step


class Condition(models.Model):
    """Something that must be done by a day for an approval to stand; missed, it becomes a finding."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="conditions")
    text = models.TextField()
    due_on = models.DateField()
    met_at = models.DateTimeField(null=True, blank=True)
    met_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    met_note = models.TextField(blank=True)
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, null=True, blank=True, related_name="conditions")
    carried_from = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="carried_to",
        help_text="the condition of the replaced approval that holds on in this one",
    )

    class Meta:
        ordering = ("due_on",)

    def __str__(self) -> str:
        """Return the condition's first words."""
        return self.text[:80]


class OverrideQuerySet(ScopedQuerySet["RatingOverride"]):
    """Overrides in the units that a person works in."""

    def in_force(self, *, today: date) -> "OverrideQuerySet":
        """Return overrides that were granted, not revoked, and have not run out by `today`."""
        return self.filter(status=RatingOverride.Status.GRANTED, expires_on__gte=today)


class RatingOverride(models.Model):
    """A residual risk set by hand for a while; the computed value always stays in sight."""

    class Status(models.TextChoices):
        """Where the override is."""

        REQUESTED = "requested"
        GRANTED = "granted"
        REFUSED = "refused"
        REVOKED = "revoked"
        EXPIRED = "expired"

    TRANSITIONS = transitions.table(requested="granted refused", granted="revoked expired")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="overrides")
    residual = models.CharField(max_length=12)
    computed = models.CharField(max_length=12)
    reason = models.TextField()
    status = models.CharField(max_length=10, choices=Status, default=Status.REQUESTED)
    expires_on = models.DateField()
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True)

    objects = OverrideQuerySet.as_manager()

    class Meta:
        ordering = ("-requested_at",)
        indexes = (models.Index(fields=["status"], name="override_by_status"),)
        constraints = (
            models.CheckConstraint(
                name="whoever_grants_an_override_did_not_request_it",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
            ),
            models.UniqueConstraint(
                fields=["server"], name="a_server_has_one_override", condition=Q(status__in=["requested", "granted"])
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "S-12 Filesystem as medium"."""
        return f"{self.server} as {self.residual}"
