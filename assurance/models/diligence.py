"""Due diligence: what somebody looked at before, and while, a vendor is relied on."""

from datetime import date

from django.db import models
from django.db.models import Q

from accounts.access import OrganisationQuerySet
from accounts.models import User
from evidence.models import Evidence
from numbering.models import Numbered
from riskregister import transitions
from riskregister.ids import uuid7
from vendors.models import Vendor


class DueDiligenceQuerySet(OrganisationQuerySet["DueDiligence"]):
    """Rounds are about vendors, and so belong to the whole organisation."""

    def awaited(self) -> "DueDiligenceQuerySet":
        """Return the complete rounds after which a next one is due: of vendors that were not left."""
        complete = self.filter(status=DueDiligence.Status.COMPLETE)
        return complete.exclude(vendor__status=Vendor.Status.OFFBOARDED)


class DueDiligence(Numbered):
    """A round of due diligence of a vendor; another person than those who looked completes it."""

    class Status(models.TextChoices):
        """Where it is."""

        OPEN = "open", "Being done"
        COMPLETE = "complete", "Complete"
        SUPERSEDED = "superseded", "Superseded"
        CANCELLED = "cancelled", "Cancelled"

    TRANSITIONS = transitions.table(open="complete cancelled", complete="superseded")
    # Of a vendor there is at most one of each.
    CURRENT = (Status.OPEN, Status.COMPLETE)

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="due_diligence")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    template = models.PositiveSmallIntegerField(help_text="the version of the list of items")
    weight = models.PositiveSmallIntegerField(help_text="how much depended on the vendor when it began, 1 is the most")
    weight_reason = models.CharField(max_length=200)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    completed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    completed_on = models.DateField(null=True, blank=True)
    conclusion = models.TextField(blank=True)
    next_due_on = models.DateField(null=True, blank=True)

    objects = DueDiligenceQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=["status", "number"], name="due_diligence_by_status"),
            models.Index(fields=["next_due_on", "number"], name="due_diligence_by_next"),
            models.Index(fields=["vendor", "number"], name="due_diligence_by_vendor"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["vendor", "status"],
                name="a_vendor_has_one_round_open_and_one_complete",
                condition=Q(status__in=["open", "complete"]),
            ),
            models.CheckConstraint(
                name="a_complete_round_says_who_when_and_when_next",
                condition=~Q(status__in=["complete", "superseded"])
                | Q(completed_by__isnull=False, completed_on__isnull=False, next_due_on__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "DD-3 Due diligence of Host Ltd"."""
        return f"{self.ref} Due diligence of {self.vendor}"


class DueDiligenceItemQuerySet(OrganisationQuerySet["DueDiligenceItem"]):
    """Items are part of their rounds."""

    def awaited(self) -> "DueDiligenceItemQuerySet":
        """Return those of rounds that count or are being done, of vendors that were not left."""
        rows = self.filter(due_diligence__status__in=DueDiligence.CURRENT)
        return rows.exclude(due_diligence__vendor__status=Vendor.Status.OFFBOARDED)

    def looked_at(self) -> "DueDiligenceItemQuerySet":
        """Return those of them of which somebody said what was found."""
        return self.awaited().exclude(outcome="")


class DueDiligenceItem(models.Model):
    """One thing that is looked at in a round, and what was found."""

    class Outcome(models.TextChoices):
        """What was found; empty while nobody has looked."""

        SATISFACTORY = "satisfactory", "Satisfactory"
        CONCERNS = "concerns", "With concerns"
        UNSATISFACTORY = "unsatisfactory", "Unsatisfactory"
        NOT_KNOWN = "not_known", "Not known"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    due_diligence = models.ForeignKey(DueDiligence, on_delete=models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=60)
    topic = models.CharField(max_length=100)
    title = models.CharField(max_length=200)
    look_at = models.TextField()
    good = models.TextField()
    outcome = models.CharField(max_length=14, choices=Outcome, blank=True)
    looked_on = models.DateField(null=True, blank=True)
    looked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True)
    evidence = models.ForeignKey(
        Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="due_diligence_items"
    )
    valid_until = models.DateField(null=True, blank=True)
    waived_until = models.DateField(null=True, blank=True)
    waived_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    waived_reason = models.TextField(blank=True)

    objects = DueDiligenceItemQuerySet.as_manager()

    class Meta:
        ordering = ("position",)
        indexes = (
            models.Index(fields=["waived_until"], name="due_diligence_item_by_waiver"),
            models.Index(fields=["valid_until"], name="due_diligence_item_by_end"),
        )
        constraints = (
            models.UniqueConstraint(fields=["due_diligence", "key"], name="a_round_has_an_item_once"),
            models.CheckConstraint(
                name="an_outcome_says_who_looked_and_when",
                condition=Q(outcome="") | Q(looked_by__isnull=False, looked_on__isnull=False),
            ),
            models.CheckConstraint(
                name="a_waiver_says_who_and_why",
                condition=Q(waived_until__isnull=True) | Q(waived_by__isnull=False) & ~Q(waived_reason=""),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "DD-3: Owners"."""
        return f"{self.due_diligence.ref}: {self.title}"

    def is_waived(self, *, today: date) -> bool:
        """Return whether somebody waived it for a time that has not passed."""
        return self.waived_until is not None and today <= self.waived_until

    def state(self, *, today: date) -> str:
        """Return how it stands on a day: waived, its outcome, "ran_out", or "open" while nobody has looked."""
        if self.is_waived(today=today):
            return "waived"
        if self.outcome and self.valid_until and self.valid_until < today:
            return "ran_out"
        return self.outcome or "open"


class DueDiligenceHand(models.Model):
    """That somebody recorded what was found in a round, and so does not complete it; append-only."""

    due_diligence = models.ForeignKey(DueDiligence, on_delete=models.CASCADE, related_name="hands")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["due_diligence", "person"], name="a_hand_is_noted_once"),)

    def __str__(self) -> str:
        """Return whose hand it is."""
        return str(self.person)
