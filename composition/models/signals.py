"""What raises the alarm about a vulnerability: that it is exploited, and how likely that is. Joined when it is read."""

from django.db import models

from feeds.models import Feed
from riskregister.ids import uuid7


class ExploitedEntry(models.Model):
    """A catalogue's word that a vulnerability is exploited; one that the catalogue took out stays, with the day."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=20, help_text="whose catalogue, e.g. cisa")
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    cve = models.CharField(max_length=100)
    vendor = models.CharField(max_length=300, blank=True)
    product = models.CharField(max_length=300, blank=True)
    name = models.CharField(max_length=500, blank=True)
    required_action = models.TextField(blank=True)
    is_ransomware_known = models.BooleanField(null=True, blank=True)
    added_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)
    removed_on = models.DateField(null=True, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("-added_on", "cve")
        verbose_name_plural = "exploited entries"
        constraints = (models.UniqueConstraint(fields=["source", "cve"], name="a_catalogue_has_a_cve_once"),)

    def __str__(self) -> str:
        """Return the CVE."""
        return self.cve


class EpssScore(models.Model):
    """How likely it is that a CVE is exploited within 30 days, by FIRST's model; of two models it says nothing."""

    cve = models.CharField(max_length=100, primary_key=True)
    score = models.FloatField(help_text="0 to 1")
    percentile = models.FloatField(help_text="0 to 1")
    model_version = models.CharField(max_length=40)
    scored_on = models.DateField()

    class Meta:
        ordering = ("cve",)

    def __str__(self) -> str:
        """Return the CVE with its score."""
        return f"{self.cve}: {self.score}"
