"""What sources say of controls, kept one row a source and place, so that thousands of servers are read at once."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from assessments.models import Assessment
from riskregister.ids import uuid7
from vendors.models import Deployment, Server


class Source(models.TextChoices):
    """What proposes a status; what a person states stands above it."""

    ASSESSMENT = "assessment", "Final assessment"
    CERTIFICATE = "certificate", "Certificate"
    DUE_DILIGENCE = "due_diligence", "Due diligence"
    CONTRACT = "contract", "Contract"
    TEST = "enforcement_test", "Enforcement test"
    COLLECTOR = "collector", "Collector"


class SourcedStatusesQuerySet(models.QuerySet["SourcedStatuses"]):
    """What sources say."""

    def counting(self, *, today: date) -> Self:
        """Return what counts on a day."""
        return self.filter(Q(valid_until=None) | Q(valid_until__gte=today))


class SourcedStatuses(models.Model):
    """What one source says of the controls of a server, or of one of its deployments, worked out anew with the source.

    `by_status` holds the keys of controls by what is said of them: {"in_place": [3, 4], "missing": [7]}. A control that
    the source knows nothing of stands nowhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="sourced_statuses")
    deployment = models.ForeignKey(
        Deployment, on_delete=models.CASCADE, null=True, blank=True, related_name="sourced_statuses"
    )
    source = models.CharField(max_length=20, choices=Source)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    origin = models.CharField(max_length=40, help_text="what it was read from, e.g. A-7")
    by_status = models.JSONField(default=dict)
    as_of = models.DateField()
    valid_until = models.DateField(null=True, blank=True, help_text="the last day on which it counts")

    objects = SourcedStatusesQuerySet.as_manager()

    class Meta:
        ordering = ("server", "deployment", "source")
        constraints = (
            models.UniqueConstraint(
                fields=["server", "source"],
                name="a_source_speaks_once_of_a_server",
                condition=Q(deployment__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["deployment", "source"],
                name="a_source_speaks_once_of_a_deployment",
                condition=Q(deployment__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "Final assessment A-7"."""
        return f"{self.get_source_display()} {self.origin}"
