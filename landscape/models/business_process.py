"""Business processes: what a unit does, and how long it can do without."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from numbering.models import Numbered
from riskregister import transitions


class BusinessProcessQuerySet(ScopedQuerySet["BusinessProcess"]):
    """Business processes of the units a person works in."""

    def standing(self) -> "BusinessProcessQuerySet":
        """Return those that the unit still does."""
        return self.filter(status=BusinessProcess.Status.STANDING)


class BusinessProcess(Numbered):
    """Something that a unit does, how soon it must go on after it stopped, and what happens until then."""

    class Status(models.TextChoices):
        """Whether the unit does it."""

        STANDING = "standing", "Goes on"
        ENDED = "ended"

    TRANSITIONS = transitions.table(standing="ended")

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="business_processes")
    name = models.CharField(max_length=160)
    status = models.CharField(max_length=8, choices=Status, default=Status.STANDING)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    recovery_hours = models.PositiveSmallIntegerField(
        "recovery time in hours",
        null=True,
        blank=True,
        help_text="within how many hours it must go on after it stopped (recovery time objective); empty: not known",
    )
    is_critical = models.BooleanField(
        "critical or important function", null=True, blank=True, help_text="empty: nobody knows yet"
    )
    when_it_stops = models.TextField(blank=True, help_text="what happens while it stands still")
    created_at = models.DateTimeField()

    objects = BusinessProcessQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        indexes = (
            models.Index(fields=["unit", "-number"], name="process_by_unit"),
            models.Index(fields=["status", "-number"], name="process_by_status"),
            models.Index(fields=["name", "number"], name="process_by_name"),
            models.Index(fields=["recovery_hours", "number"], name="process_by_recovery"),
        )
        constraints = (
            models.UniqueConstraint(
                "unit", Lower("name"), name="a_unit_does_a_process_once", condition=Q(status="standing")
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "BP-3 Refunds"."""
        return f"{self.ref} {self.name}"
