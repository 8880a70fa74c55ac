"""What is kept of the supply chain's health: the levels of each server, what changed since, and its days."""

from django.db import models

from accounts.models import Unit
from riskregister.ids import uuid7
from scoring.scales import Severity
from vendors.models import Server


class ServerLevels(models.Model):
    """How a server stands on each level, as `supply_chain.levels` says it; worked out anew when a mark says so.

    `rank` puts the worst first; `tier` is the server's, beside its rank, so that an index has those of a tier in their
    order; `until` is the moment from which the clock alone says something else. `why` has, by
    level, the reasons as pairs of a code and a sentence. Of what hits its packages, `hits` is how much nobody has
    settled, `worst` its worst severity.
    """

    class State(models.TextChoices):
        """How a server stands on one level."""

        AFFECTED = "affected"
        UNKNOWN = "unknown"
        CLEAR = "clear", "None known"

    server = models.OneToOneField(Server, on_delete=models.CASCADE, primary_key=True, related_name="levels")
    package = models.CharField(max_length=8, choices=State)
    ecosystem = models.CharField(max_length=8, choices=State)
    inspection = models.CharField(max_length=8, choices=State)
    rank = models.PositiveSmallIntegerField()
    tier = models.PositiveSmallIntegerField()
    hits = models.PositiveIntegerField(default=0)
    exploited = models.PositiveIntegerField(default=0)
    malicious = models.PositiveIntegerField(default=0)
    worst = models.PositiveSmallIntegerField(choices=Severity.choices(), null=True, blank=True)
    why = models.JSONField(default=dict)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("rank", "server")
        indexes = (
            models.Index(fields=["rank", "server"], name="levels_by_rank"),
            models.Index(fields=["tier", "rank", "server"], name="levels_by_tier"),
            models.Index(fields=["package", "rank", "server"], name="levels_by_package"),
            models.Index(fields=["ecosystem", "rank", "server"], name="levels_by_ecosystem"),
            models.Index(fields=["inspection", "rank", "server"], name="levels_by_inspection"),
            models.Index(fields=["until"], name="levels_by_until", condition=models.Q(until__isnull=False)),
        )

    def __str__(self) -> str:
        """Return what it is of."""
        return f"Levels of {self.server}"


class LevelMark(models.Model):
    """That something changed of which the levels of a server follow; written by triggers, in the same transaction.

    `part` is the id of the server without its dashes. One row a transaction and server, as `accounts.PartMark`.
    """

    id = models.BigAutoField(primary_key=True)
    part = models.CharField(max_length=36)
    occasion = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["part", "occasion"], name="a_server_is_marked_once_an_occasion"),
        )

    def __str__(self) -> str:
        """Return the server's id."""
        return self.part


class HealthDay(models.Model):
    """How the servers of a unit stood on one day, as it was worked out then; of a day before there is no row.

    `figures` are those that `supply_chain.history` names.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    figures = models.JSONField()
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ("day", "unit")
        constraints = (models.UniqueConstraint(fields=["unit", "day"], name="a_unit_has_one_row_a_day"),)

    def __str__(self) -> str:
        """Return the unit and the day."""
        return f"{self.unit}, {self.day}"
