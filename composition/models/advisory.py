"""Advisories as their sources publish them, what they affect, and the vulnerabilities that several of them describe."""

from typing import Self

from django.db import models
from django.db.models import Q

from feeds.models import Feed
from riskregister.ids import uuid7
from scoring.scales import Severity


class VulnerabilityQuerySet(models.QuerySet["Vulnerability"]):
    """Vulnerabilities; they are public, so that everybody sees all."""

    def current(self) -> Self:
        """Return those that have names of their own: without those that turned out to be others."""
        return self.filter(merged_into__isnull=True)


class Vulnerability(models.Model):
    """One weakness, or one malicious package, that advisories of several sources describe under names of their own.

    `key` is the name that it goes by: a CVE where there is one. What it says is worked out from its advisories: the
    severity is empty where none of them gives one, which is unknown and not mild. When two turn out to be the same, the
    older stays, with what people decided on it; the younger says which one it is, and has no names any more.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=100)
    summary = models.CharField(max_length=500, blank=True)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices(), null=True, blank=True)
    cvss_v3 = models.CharField(max_length=200, blank=True, help_text="the worst vector of its advisories")
    cvss_v3_score = models.DecimalField(max_digits=3, decimal_places=1, null=True, blank=True)
    cvss_v4 = models.CharField(max_length=300, blank=True)
    cvss_v4_score = models.DecimalField(max_digits=3, decimal_places=1, null=True, blank=True)
    is_malicious = models.BooleanField(default=False)
    is_withdrawn = models.BooleanField(default=False, help_text="all its advisories are")
    published_at = models.DateTimeField(null=True, blank=True)
    modified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = VulnerabilityQuerySet.as_manager()

    class Meta:
        ordering = ("-modified_at", "-id")
        verbose_name_plural = "vulnerabilities"
        indexes = (models.Index(fields=["-modified_at", "-id"], name="vulnerability_by_time"),)
        constraints = (
            models.UniqueConstraint(
                fields=["key"], name="a_name_is_of_one_vulnerability", condition=Q(merged_into__isnull=True)
            ),
        )

    def __str__(self) -> str:
        """Return the name that it goes by."""
        return self.key


class Identifier(models.Model):
    """A name under which a vulnerability is known, whether or not an advisory of that name was taken in."""

    name = models.CharField(max_length=100, primary_key=True)
    vulnerability = models.ForeignKey(Vulnerability, on_delete=models.CASCADE, related_name="identifiers")

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class AdvisoryQuerySet(models.QuerySet["Advisory"]):
    """Advisories; they are public, so that everybody sees all."""

    def in_force(self) -> Self:
        """Return those that their source did not take back."""
        return self.filter(withdrawn_at__isnull=True)


class Advisory(models.Model):
    """What one source says of a vulnerability: an OSV record, as it came last.

    `source` is the database that its name begins with (GHSA, PYSEC, GO, MAL …); `aliases` are the names that it says
    are the same. `needs_matching`: it changed, and is not compared with the components yet; while it is compared
    nobody stores it (`advisories/holding.py`). `feed` is the one that brought it as it is; of a record that its
    feed has no more, the digest is empty.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=100, unique=True)
    source = models.CharField(max_length=20)
    vulnerability = models.ForeignKey(Vulnerability, on_delete=models.PROTECT, related_name="advisories")
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    aliases = models.JSONField(default=list, blank=True)
    summary = models.CharField(max_length=500, blank=True)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices(), null=True, blank=True)
    is_malicious = models.BooleanField(default=False, help_text="by the database of malicious packages")
    is_of_malicious_code = models.BooleanField(default=False, help_text="whichever database says so")
    published_at = models.DateTimeField(null=True, blank=True)
    modified_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of the record without spaces and with its keys sorted"
    )
    record = models.TextField(help_text="the record as it came")
    taken_at = models.DateTimeField()
    needs_matching = models.BooleanField(default=True)

    objects = AdvisoryQuerySet.as_manager()

    class Meta:
        ordering = ("-modified_at", "-id")
        verbose_name_plural = "advisories"
        indexes = (
            models.Index(fields=["-modified_at", "-id"], name="advisory_by_time"),
            models.Index(fields=["id"], name="advisory_to_match", condition=Q(needs_matching=True)),
        )

    def __str__(self) -> str:
        """Return its name."""
        return self.name


class AffectedPackage(models.Model):
    """A package that an advisory says is affected, and in which versions: one `affected` entry of the record.

    `name` is the one by which packages are compared (`ecosystems.folded`); `ecosystem`, with its release if any,
    `ranges` and `versions` are as the record has them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    advisory = models.ForeignKey(Advisory, on_delete=models.CASCADE, related_name="affected")
    ecosystem = models.CharField(max_length=60)
    name = models.CharField(max_length=300)
    ranges = models.JSONField(default=list, blank=True)
    versions = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("ecosystem", "name", "id")
        indexes = (
            models.Index(fields=["name"], name="affected_package_by_name"),
            models.Index(fields=["ecosystem"], name="affected_by_ecosystem"),
        )

    def __str__(self) -> str:
        """Return the package."""
        return f"{self.name} ({self.ecosystem})"
