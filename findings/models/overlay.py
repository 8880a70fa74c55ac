"""What findings lay over frozen answers: a verified fix, and what takes it back."""

from django.db import models

from accounts.models import User
from assessments.models import Assessment
from catalogue.models import Option
from evidence.models import Evidence
from findings.models.finding import Finding
from riskregister.ids import uuid7


class Overlay(models.Model):
    """A dated change laid over a frozen answer, shown beside the original; append-only (triggers)."""

    class Kind(models.TextChoices):
        """Why the answer counts differently now."""

        REMEDIATED = "remediated"
        CONTRADICTED = "contradicted"
        EXPIRED = "expired"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="overlays")
    question_key = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=Kind)
    option = models.ForeignKey(Option, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    evidence_level = models.PositiveSmallIntegerField(default=0, help_text="0 to 3, on the day that it was laid")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, null=True, blank=True, related_name="overlays")
    reason = models.TextField()
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        """Return e.g. "remediated provenance.signed_releases"."""
        return f"{self.kind} {self.question_key}"
