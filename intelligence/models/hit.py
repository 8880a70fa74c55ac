"""Hits: which indicator meets what of a server."""

from django.db import models

from accounts.access import ScopedQuerySet
from intelligence.models.indicator import Indicator
from monitoring.models import Observation
from riskregister.ids import uuid7
from vendors.models import Server


class IndicatorHitQuerySet(ScopedQuerySet["IndicatorHit"]):
    """Hits of the servers of the units that a person works in."""

    unit_path = "server__unit_id"


class IndicatorHit(models.Model):
    """That an indicator meets something of a server, from first to last.

    Several indicators that say the same of one value are one observation, and at most one finding; each is a hit of its
    own, so that everybody sees who says so. `is_certain`: it is met as it is said, the version of a package included;
    otherwise somebody verifies it. `gone_at`: since when it does not hold any more.
    """

    class Where(models.TextChoices):
        """What of the server is met."""

        REMOTE = "remote", "Remote"
        PACKAGE = "package", "Package"
        DIGEST = "digest", "Digest of a package"
        REPOSITORY = "repository", "Repository"
        WEBSITE = "website", "Website of the server"
        VENDOR = "vendor", "Website of a vendor"
        MAINTAINER = "maintainer", "Maintainer"
        EGRESS = "egress", "Observed egress"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="indicator_hits")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="hits")
    observation = models.ForeignKey(Observation, on_delete=models.PROTECT, related_name="hits")
    where = models.CharField(max_length=12, choices=Where)
    matched = models.CharField(max_length=700, help_text="what of the server is met")
    is_certain = models.BooleanField("certain", default=True)
    key = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)

    objects = IndicatorHitQuerySet.as_manager()

    class Meta:
        ordering = ("-first_seen_at", "-id")
        indexes = (models.Index(fields=["-first_seen_at", "-id"], name="indicator_hit_by_time"),)
        constraints = (
            models.UniqueConstraint(fields=["server", "indicator", "key"], name="an_indicator_hits_a_thing_once"),
        )

    def __str__(self) -> str:
        """Return e.g. "Remote https://mcp.example"."""
        return f"{self.get_where_display()} {self.matched}"

    @property
    def state(self) -> str:
        """Return how it stands: met for certain, to be verified, or gone."""
        if self.gone_at is not None:
            return "gone"
        return "certain" if self.is_certain else "verify"
