"""Shared services: what all servers of a unit, or of the organisation, run behind."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.access import SharedQuerySet
from accounts.models import Unit, User
from numbering.models import Numbered
from riskregister import transitions
from riskregister.ids import uuid7
from vendors.models import Deployment, Vendor


class SharedServiceQuerySet(SharedQuerySet["SharedService"]):
    """Shared services of the units a person works in, and those of the whole organisation."""

    def standing(self) -> "SharedServiceQuerySet":
        """Return those that are in use."""
        return self.filter(status=SharedService.Status.STANDING)


class SharedService(Numbered):
    """Something that stands in front of servers, around them or behind them, and that many of them share."""

    class Kind(models.TextChoices):
        """What it is."""

        GATEWAY = "gateway", "Proxy or gateway"
        LOG_STORE = "log_store", "Log store"
        IDENTITY_PROVIDER = "identity_provider", "Identity provider"
        SANDBOX = "sandbox", "Sandbox or container host"
        SECRETS_STORE = "secrets_store", "Secrets store"

    class Status(models.TextChoices):
        """Whether it is used."""

        STANDING = "standing", "In use"
        ENDED = "ended"

    class Result(models.TextChoices):
        """What its last assessment came to."""

        PASSED = "passed", "It holds"
        PASSED_WITH_GAPS = "passed_with_gaps", "It holds, with gaps"
        FAILED = "failed", "It does not hold"

    TRANSITIONS = transitions.table(standing="ended")

    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="shared_services",
        help_text="empty: of the whole organisation",
    )  # fmt: skip
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=20, choices=Kind)
    status = models.CharField(max_length=8, choices=Status, default=Status.STANDING)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    vendor = models.ForeignKey(
        Vendor, on_delete=models.PROTECT, null=True, blank=True, related_name="shared_services",
        help_text="who runs it for us; empty: we do, or nobody knows",
    )  # fmt: skip
    availability_promised = models.CharField(max_length=7, blank=True, help_text="in per cent; empty: not known")
    availability_measured = models.CharField(max_length=7, blank=True, help_text="in per cent; empty: not known")
    assessed_on = models.DateField(null=True, blank=True, help_text="empty: never assessed")
    assessment_result = models.CharField(max_length=20, choices=Result, blank=True)
    assess_again_on = models.DateField(null=True, blank=True, help_text="the day until which its assessment counts")
    assessment_note = models.TextField(blank=True)
    is_single_point = models.BooleanField(
        "single point of failure", null=True, blank=True, help_text="empty: nobody knows yet"
    )
    stand_in = models.CharField(max_length=200, blank=True, help_text="what takes its place when it fails")
    can_be_bypassed = models.BooleanField(null=True, blank=True, help_text="empty: nobody knows yet")
    bypassed_by = models.CharField(max_length=300, blank=True, help_text="who can go past it, and how")
    has_lapsed = models.BooleanField(
        default=False, editable=False, help_text="that its assessment counts no more was taken in"
    )
    created_at = models.DateTimeField()

    objects = SharedServiceQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        indexes = (
            models.Index(fields=["unit", "-number"], name="service_by_unit"),
            models.Index(fields=["status", "-number"], name="service_by_status"),
            models.Index(fields=["kind", "-number"], name="service_by_kind"),
            models.Index(fields=["name", "number"], name="service_by_name"),
            models.Index(fields=["assess_again_on", "number"], name="service_by_next"),
        )
        constraints = (
            models.UniqueConstraint(
                "unit", Lower("name"), name="a_unit_names_a_service_once",
                condition=Q(status="standing", unit__isnull=False),
            ),
            models.UniqueConstraint(
                Lower("name"), name="the_organisation_names_a_service_once",
                condition=Q(status="standing", unit__isnull=True),
            ),
            models.CheckConstraint(
                name="an_assessed_service_has_a_result_and_a_next_day",
                condition=Q(assessed_on__isnull=True, assessment_result="", assess_again_on__isnull=True)
                | (Q(assess_again_on__gt=models.F("assessed_on")) & ~Q(assessment_result="")),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        """Return e.g. "SV-3 Tool gateway"."""
        return f"{self.ref} {self.name}"

    def assessment_state(self, *, today: date) -> str:
        """Return "never", "lapsed" or the result of the last assessment."""
        if self.assess_again_on is None:
            return "never"
        return "lapsed" if self.assess_again_on < today else self.assessment_result


class DeploymentService(models.Model):
    """That a deployment runs behind a shared service."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="behind")
    service = models.ForeignKey(SharedService, on_delete=models.PROTECT, related_name="in_front_of")

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=["deployment", "service"], name="a_deployment_runs_behind_a_service_once"),
        )

    def __str__(self) -> str:
        """Return what runs behind what."""
        return f"{self.deployment} runs behind {self.service}"
