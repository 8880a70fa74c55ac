"""What the room saw of a vendor when it last looked for what is missing."""

from django.db import models

from vendors.models import Vendor


class AssuranceLook(models.Model):
    """With what a vendor's certificates and due diligence were compared last, and the day on which that changes.

    So a sweep finds what the clock, or a change elsewhere, has made out of date, without walking all vendors.
    """

    vendor = models.OneToOneField(Vendor, on_delete=models.CASCADE, primary_key=True, related_name="assurance_look")
    legal_entity = models.CharField(max_length=200, blank=True)
    criticality = models.CharField(max_length=10, blank=True)
    vendor_status = models.CharField(max_length=12, blank=True)
    worst_tier = models.PositiveSmallIntegerField(null=True, blank=True)
    changes_on = models.DateField(null=True, blank=True, help_text="the first day on which the clock changes it")

    class Meta:
        indexes = (models.Index(fields=["changes_on"], name="assurance_look_by_change"),)

    def __str__(self) -> str:
        """Return whose it is."""
        return f"Look at {self.vendor}"
