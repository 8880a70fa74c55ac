"""Technical profiles: how a deployment is reached, protected, recorded, walled in, and what happens when it fails."""

from datetime import timedelta

from django.db import models
from django.db.models import Q

from accounts.access import ScopedQuerySet
from accounts.models import User
from riskregister.ids import uuid7
from vendors.models import Deployment, Server


def _known(words: str) -> "models.BooleanField[bool | None, bool | None]":
    return models.BooleanField(words, null=True, blank=True, help_text="empty: nobody knows yet")


class TechnicalProfileQuerySet(ScopedQuerySet["TechnicalProfile"]):
    """Technical profiles of deployments in the units a person works in."""

    unit_path = "deployment__server__unit_id"

    def current(self) -> "TechnicalProfileQuerySet":
        """Return those of deployments that have not ended."""
        return self.filter(deployment__ended_on__isnull=True)


class TechnicalProfile(models.Model):
    """What is known of the technique of a deployment; whatever is empty nobody knows."""

    class Transport(models.TextChoices):
        """How clients talk to it."""

        STDIO = "stdio", "Standard input and output"
        HTTP = "streamable_http", "Streamable HTTP"
        SSE = "sse", "Server-sent events"
        OTHER = "other", "Another way"

    class Tls(models.TextChoices):
        """The oldest version of TLS that it takes."""

        NONE = "none", "Not encrypted"
        OLD = "old", "Before TLS 1.2"
        TLS_12 = "1.2", "TLS 1.2"
        TLS_13 = "1.3", "TLS 1.3"

    class Authentication(models.TextChoices):
        """How whoever calls shows who they are."""

        NONE = "none", "Not at all"
        KEY = "key", "A key"
        OAUTH = "oauth", "OAuth"
        CERTIFICATE = "certificate", "A certificate"
        OTHER = "other", "Another way"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    deployment = models.OneToOneField(Deployment, on_delete=models.CASCADE, related_name="technical_profile")
    transport = models.CharField(max_length=16, choices=Transport, blank=True)
    tls = models.CharField("oldest TLS that it takes", max_length=4, choices=Tls, blank=True)
    mutual_tls = _known("mutual TLS")
    certificate_owner = models.CharField(max_length=120, blank=True, help_text="who renews the certificate")
    certificate_ends_on = models.DateField(null=True, blank=True)
    authentication = models.CharField(max_length=12, choices=Authentication, blank=True)
    token_minutes = models.PositiveIntegerField("token lifetime in minutes", null=True, blank=True)
    key_rotation_days = models.PositiveSmallIntegerField("days between two keys", null=True, blank=True)
    key_rotated_on = models.DateField("key rotated last", null=True, blank=True)
    key_rotation_due_on = models.DateField(null=True, blank=True, editable=False)
    calls_logged = _known("calls are logged")
    logs_what = models.CharField("what is logged", max_length=300, blank=True)
    logs_where = models.CharField("where logs live", max_length=200, blank=True)
    logs_days = models.PositiveSmallIntegerField("days that logs are kept", null=True, blank=True)
    signatures_checked = _known("signatures of results are checked")
    checksums_checked = _known("checksums of results are checked")
    schema_checked = _known("results are checked against a schema")
    business_rules_checked = _known("results are checked by business rules")
    cross_checked = _known("results are compared with another source")
    freshness_minutes = models.PositiveIntegerField("oldest data in minutes", null=True, blank=True)
    freshness_pointer = models.CharField("where the timestamp stands", max_length=300, blank=True)
    is_contained = _known("runs in a container or sandbox")
    segment = models.CharField("network segment", max_length=120, blank=True)
    egress_hosts = models.JSONField("hosts that it may reach", default=list, blank=True)
    limits = models.CharField("limits of memory, CPU and calls", max_length=300, blank=True)
    has_circuit_breaker = _known("a circuit breaker stops calls that fail")
    fallback = models.ForeignKey(
        Server, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="takes its place"
    )
    degraded_mode = models.CharField("what still works without it", max_length=300, blank=True)
    safe_agent = models.CharField("what the agent does then", max_length=300, blank=True)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    objects = TechnicalProfileQuerySet.as_manager()

    class Meta:
        ordering = ("-written_at", "-id")
        indexes = (
            models.Index(fields=["-written_at", "-id"], name="profile_by_time"),
            models.Index(fields=["certificate_ends_on"], name="profile_by_certificate"),
            models.Index(fields=["key_rotation_due_on"], name="profile_by_rotation"),
        )
        constraints = (
            models.CheckConstraint(
                name="what_is_not_encrypted_has_no_mutual_tls", condition=~Q(tls="none") | ~Q(mutual_tls=True)
            ),
        )

    def __str__(self) -> str:
        """Return whose it is."""
        return f"Profile of {self.deployment}"

    def set_rotation_due(self) -> None:
        """Work out until when the key must be rotated; unknown while one of the two facts is."""
        known = self.key_rotated_on is not None and self.key_rotation_days is not None
        days = timedelta(days=self.key_rotation_days or 0)
        self.key_rotation_due_on = self.key_rotated_on + days if known and self.key_rotated_on else None
