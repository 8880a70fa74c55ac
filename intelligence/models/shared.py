"""What was passed on: bundles that a person decided to hand out."""

from django.db import models

from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from intelligence.models.indicator import TLPS
from numbering.models import Numbered


class ShareQuerySet(ScopedQuerySet["Share"]):
    """What was passed on from the units that a person works in."""


class Share(Numbered):
    """A STIX bundle that somebody decided to pass on, as it was handed out: with its marking, and why."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="shares")
    tlp = models.CharField("marking", max_length=14, choices=TLPS)
    recipient = models.CharField(max_length=200, help_text="to whom")
    reason = models.TextField()
    bundle = models.TextField(help_text="STIX 2.1, as it was handed out")
    digest = models.CharField(max_length=64)
    hits = models.PositiveIntegerField(default=0)
    entries = models.PositiveIntegerField(default=0)
    findings = models.PositiveIntegerField(default=0)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    objects = ShareQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        constraints = (models.CheckConstraint(name="what_is_tlp_red_is_not_passed_on", condition=~models.Q(tlp="red")),)

    def __str__(self) -> str:
        """Return e.g. "SH-3 to FS-ISAC"."""
        return f"{self.ref} to {self.recipient}"
