"""Escalations: something waits, and until somebody acknowledges it, more and more people are told."""

from datetime import datetime
from functools import cached_property

from django.apps import apps
from django.db import models
from django.db.models import Q

from accounts.access import SharedQuerySet
from accounts.models import Unit, User
from escalations import ladders
from riskregister import transitions
from riskregister.ids import uuid7
from scoring.scales import Severity


class EscalationQuerySet(SharedQuerySet["Escalation"]):
    """Escalations of the units a person works in, and those of what belongs to no unit."""

    def standing(self) -> "EscalationQuerySet":
        """Return those of what still waits, acknowledged or not."""
        return self.filter(status__in=Escalation.STANDING)

    def unacknowledged(self) -> "EscalationQuerySet":
        """Return those that nobody has acknowledged."""
        return self.filter(status=Escalation.Status.WAITING)


class Escalation(models.Model):
    """One occurrence of something that waits, and how far up the ladder it has come.

    What it is about is kept by kind and id, with its name as it was when it began: any room can let its rows escalate.
    """

    class Status(models.TextChoices):
        """Whether somebody has said that they have it."""

        WAITING = "waiting", "Not acknowledged"
        ACKNOWLEDGED = "acknowledged"
        OVER = "over"

    class Rung(models.TextChoices):
        """Who has been told, the last of them."""

        OWNER = "owner", "Owner"
        MANAGERS = "managers", "Managers"
        HEAD = "head", "Head"

    STANDING = (Status.WAITING, Status.ACKNOWLEDGED)
    TRANSITIONS = transitions.table(waiting="acknowledged over", acknowledged="over")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ladder = models.CharField(max_length=20)
    object_type = models.CharField(max_length=40)
    object_id = models.UUIDField()
    label = models.CharField(max_length=250)
    occurrence = models.CharField(max_length=60)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices())
    status = models.CharField(max_length=12, choices=Status, default=Status.WAITING)
    rung = models.CharField(max_length=8, choices=Rung, default=Rung.OWNER)
    began_at = models.DateTimeField(help_text="since when it waits")
    climbed_at = models.DateTimeField(help_text="when it reached its rung")
    acknowledged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)
    over_at = models.DateTimeField(null=True, blank=True)
    is_demo = models.BooleanField(default=False, editable=False)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        ordering = ("severity", "began_at", "id")
        indexes = (
            models.Index(fields=["severity", "began_at", "id"], name="escalation_by_severity"),
            models.Index(fields=["-began_at", "-id"], name="escalation_by_age"),
            models.Index(fields=["object_id"], name="escalation_by_object"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["ladder", "object_id"],
                name="what_waits_escalates_once",
                condition=Q(status__in=["waiting", "acknowledged"]),
            ),
            models.CheckConstraint(
                name="an_acknowledgement_names_somebody",
                condition=~Q(status="acknowledged") | Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "Overdue finding: F-12 Keys are not rotated"."""
        return f"{self.what}: {self.label}"

    @property
    def what(self) -> str:
        """Return what escalates in words, e.g. "Overdue finding"."""
        return ladders.words(self.ladder)

    @cached_property
    def about(self) -> models.Model | None:
        """Return the row that waits, None when it is gone."""
        row: models.Model | None = apps.get_model(self.object_type)._base_manager.filter(pk=self.object_id).first()
        return row

    @property
    def subject(self) -> models.Model | None:
        """Return the row on whose page its events are shown too."""
        return self.about

    @property
    def kind(self) -> str:
        """Return the kind of what it is about, as addresses name it, e.g. "finding"."""
        return self.object_type.rpartition(".")[2]

    @property
    def told(self) -> str:
        """Return who has been told so far: whoever stands on its rung, and everybody below."""
        rung = self.get_rung_display().lower()
        return "the owner" if self.rung == Escalation.Rung.OWNER else f"everybody up to the {rung}"

    def days(self, *, now: datetime) -> int:
        """Return for how many whole days it has waited."""
        return (now - self.began_at).days
