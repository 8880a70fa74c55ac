"""What matches: versions of packages with advisories, and what that means for a server."""

from typing import Self

from django.db import models
from django.db.models import Case, Value, When

from accounts.access import ScopedQuerySet
from composition.models.advisory import AffectedPackage, Vulnerability
from composition.models.inventory import PackageVersion
from monitoring.models import Observation
from riskregister.ids import uuid7
from vendors.models import Release, Server


class Match(models.Model):
    """That an advisory hits a version of a package, or may; what it does not hit has no row.

    `fixed_in` is the lowest version above it that is free of it, empty where none is known.
    """

    class Outcome(models.TextChoices):
        """What the comparison said, the surest first."""

        AFFECTED = "affected"
        VERIFY = "verify", "Package named, verify"
        UNKNOWN = "unknown"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    package_version = models.ForeignKey(PackageVersion, on_delete=models.CASCADE, related_name="matches")
    affected = models.ForeignKey(AffectedPackage, on_delete=models.CASCADE, related_name="matches")
    outcome = models.CharField(max_length=10, choices=Outcome)
    why = models.CharField(max_length=300, blank=True)
    fixed_in = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=["package_version", "affected"], name="a_match_is_kept_once"),)

    def __str__(self) -> str:
        """Return the version and what hits it."""
        return f"{self.package_version}: {self.affected.advisory}"


class Comparison(models.Model):
    """When what a server is built from was compared with advisories last, and what came of it; a row a server.

    `is_due`: something changed since, and it is to be compared anew. The counts are of components: of `affected` ones
    something hits the version or names the package; `unknown` ones cannot be compared with all advisories of their
    package, whatever else is known of them. Whether feeds have all of the others is asked when they are shown.
    """

    server = models.OneToOneField(Server, on_delete=models.CASCADE, primary_key=True, related_name="comparison")
    is_due = models.BooleanField(default=True)
    due_since = models.DateTimeField()
    release = models.ForeignKey(
        Release, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="that was compared"
    )
    compared_at = models.DateTimeField(null=True, blank=True)
    components = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    affected = models.PositiveIntegerField(default=0)
    ecosystems = models.JSONField(
        default=dict, help_text="how many components are of each, the release of a distribution left out"
    )

    class Meta:
        ordering = ("due_since", "server")
        indexes = (models.Index(fields=["due_since"], name="comparison_due", condition=models.Q(is_due=True)),)

    def __str__(self) -> str:
        """Return what it is of."""
        return f"Comparison of {self.server}"


class HitQuerySet(ScopedQuerySet["Hit"]):
    """Hits on servers of the units a person works in."""

    unit_path = "server__unit_id"

    def worst_first(self) -> Self:
        """Return them in the order in which they are looked at: what is sure first, then by how bad each is."""
        surest = Case(
            *(When(outcome=one, then=Value(place)) for place, one in enumerate(Match.Outcome)),
            output_field=models.IntegerField(),
        )
        return self.order_by(surest, "observation__severity", "name", "vulnerability__key")


class Hit(models.Model):
    """That a vulnerability hits a package in a server: what is observed, and raises one finding whatever its names.

    The key is server, package without its version, and vulnerability. What is seen, and since when, is said by the
    observation, which is kept under the id of the hit, as its finding is: when two vulnerabilities turn out to be one,
    both stay. What is known of the world about it was told last as `is_exploited` and `is_likely` (by the EPSS model
    named) say.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="hits")
    vulnerability = models.ForeignKey(Vulnerability, on_delete=models.PROTECT, related_name="hits")
    ecosystem = models.CharField(max_length=60)
    name = models.CharField(max_length=300)
    outcome = models.CharField(max_length=10, choices=Match.Outcome)
    versions = models.JSONField(default=list, help_text="that are hit, of the current inventories")
    fixed_in = models.CharField(max_length=255, blank=True)
    is_exploited = models.BooleanField(default=False)
    is_likely = models.BooleanField(default=False)
    epss_model = models.CharField(max_length=40, blank=True)
    observation = models.OneToOneField(Observation, on_delete=models.PROTECT, related_name="hit")

    objects = HitQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=["name"], name="hit_by_package"),)
        constraints = (
            models.UniqueConstraint(
                fields=["server", "ecosystem", "name", "vulnerability"], name="a_vulnerability_hits_a_package_once"
            ),
        )

    def __str__(self) -> str:
        """Return what hits which package."""
        return f"{self.vulnerability} in {self.name}"
