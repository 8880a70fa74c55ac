"""Machines, and what they reported."""

from django.db import models

from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from riskregister.ids import uuid7


class Machine(models.Model):
    """A machine of a unit, by the label that its reports give it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # A unit goes with the demo alone, once what its machines reported has gone.
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="machines")
    label = models.CharField(max_length=120)
    first_seen_at = models.DateTimeField()

    class Meta:
        ordering = ("label",)
        constraints = (models.UniqueConstraint(fields=["unit", "label"], name="a_unit_has_a_machine_once"),)

    def __str__(self) -> str:
        """Return its label."""
        return self.label


class DiscoveryQuerySet(ScopedQuerySet["Discovery"]):
    """Reports about machines of the units a person works in."""


class Discovery(models.Model):
    """What a machine reported, from the first time to the last that it said just this.

    `unread` is what could not be read, by place and name, with the reason: of that nothing is known.
    """

    class Via(models.TextChoices):
        """How it came."""

        PAGE = "page"
        API = "api", "API"
        COMMAND = "command"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="discoveries")
    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="discoveries")
    via = models.CharField(max_length=10, choices=Via)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=64, help_text="of what it says, without any moment")
    entries = models.PositiveIntegerField(help_text="how many servers it names")
    unapproved = models.PositiveIntegerField(help_text="how many of them nobody had seen in the unit, nor approved")
    gone = models.PositiveIntegerField(help_text="how many that were there before it names no more")
    unread = models.JSONField(default=list, blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    objects = DiscoveryQuerySet.as_manager()

    class Meta:
        ordering = ("-last_at", "-id")
        verbose_name_plural = "discoveries"
        indexes = (
            models.Index(fields=["-last_at", "-id"], name="discovery_by_time"),
            models.Index(fields=["machine", "-last_at", "-id"], name="discovery_by_machine_time"),
        )

    def __str__(self) -> str:
        """Return e.g. "Report of LAPTOP-7"."""
        return f"Report of {self.machine}"

    @property
    def unread_count(self) -> int:
        """Return how many entries or files could not be read."""
        return len(self.unread)
