"""Deployments, and the eight exposure facts that the inherent tier follows from."""

from django.db import models

from accounts.access import ScopedQuerySet
from accounts.models import User
from numbering.models import Numbered
from vendors.tiers import TIERS

FACTS = (
    "data_reached",
    "tool_power",
    "credentials",
    "autonomy",
    "operator",
    "egress",
    "dependents",
    "business_criticality",
)


class Fact(models.TextChoices):
    """How exposed a fact makes us; empty means that nobody knows yet."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    SEVERE = "severe"


def _fact(help_text: str) -> "models.CharField[str, str]":
    return models.CharField(max_length=10, choices=Fact, blank=True, help_text=help_text)


class ExposureFacts(models.Model):
    """The facts behind an inherent tier; the tier is worked out when they change and kept for lists."""

    data_reached = _fact("public / internal / confidential or personal / regulated, special categories, secrets")
    tool_power = _fact("reads / writes what can be undone / executes, sends out / destroys, pays, changes rights")
    credentials = _fact("none / own, read-only / own, read-write / someone else's or administrative")
    autonomy = _fact("a human approves each action / approves some / reviews afterwards / none")
    operator = _fact("we, isolated / we, shared / the vendor / unknown or unverified")
    egress = _fact("none / listed hosts / open with logging / open")
    dependents = _fact("one person / one team / several teams / customers, or many agents")
    business_criticality = _fact(
        "convenience / delays work / stops a process / stops a service, legal or safety effect"
    )
    inherent_tier = models.PositiveSmallIntegerField(
        choices=[(number, f"Tier {number} {word}") for number, word in TIERS.items()], default=1
    )
    tier_reason = models.CharField(max_length=250, blank=True)
    tier_at_best = models.PositiveSmallIntegerField(
        default=1, help_text="the tier if every fact that nobody knows were as good as can be"
    )

    class Meta:
        abstract = True

    @property
    def facts(self) -> dict[str, str | None]:
        """Return the eight facts by name; an unknown one is None."""
        return {name: getattr(self, name) or None for name in FACTS}


class DeploymentQuerySet(ScopedQuerySet["Deployment"]):
    """Deployments of the units a person works in."""

    unit_path = "server__unit_id"


class Deployment(Numbered, ExposureFacts):
    """A server in one environment, used by one agent or for one use case."""

    class Environment(models.TextChoices):
        """Where it runs."""

        PRODUCTION = "production"
        STAGING = "staging"
        DEVELOPMENT = "development"

    class GovernanceRevision(models.TextChoices):
        """Of which revision of MI-20 a governance tier is: the approved one has tiers 1 and 2 the other way round."""

        DRAFT = "draft", "MI-20 draft"
        APPROVED = "approved-specification", "MI-20 approved specification, 2025-10-20"

    server = models.ForeignKey("vendors.Server", on_delete=models.PROTECT, related_name="deployments")
    name = models.CharField(max_length=160)
    environment = models.CharField(max_length=12, choices=Environment)
    agent = models.CharField("agent or use case", max_length=200)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    personal_data = models.BooleanField(null=True, blank=True)
    governance_tier = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        choices=[(1, "Governance tier 1"), (2, "Governance tier 2"), (3, "Governance tier 3")],
    )
    governance_revision = models.CharField(max_length=40, blank=True, choices=GovernanceRevision)
    in_use_since = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)

    objects = DeploymentQuerySet.as_manager()

    class Meta:
        ordering = ("server", "environment", "name")
        indexes = (
            models.Index(fields=["environment"], name="deployment_by_environment"),
            models.Index(fields=["inherent_tier", "number"], name="deployment_by_tier"),
            models.Index(fields=["governance_tier", "number"], name="deployment_by_governance"),
            models.Index(fields=["ended_on"], name="deployment_by_end"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["server", "environment", "agent"],
                name="a_current_deployment_is_named_once",
                condition=models.Q(ended_on__isnull=True),
            ),
            models.CheckConstraint(
                name="a_deployment_ends_after_it_began",
                condition=models.Q(in_use_since__isnull=True)
                | models.Q(ended_on__isnull=True)
                | models.Q(ended_on__gte=models.F("in_use_since")),
            ),
            models.CheckConstraint(
                name="a_governance_tier_names_its_revision",
                condition=models.Q(governance_tier__isnull=True) | ~models.Q(governance_revision=""),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "D-3 Support agent (production)"."""
        return f"{self.ref} {self.name} ({self.environment})"
