"""Acceptances of a lower governance tier than the one proposed: two people agree, for a while."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from numbering.models import Numbered
from riskregister import transitions
from vendors.models import Deployment, Server


class TierAcceptanceQuerySet(ScopedQuerySet["TierAcceptance"]):
    """Acceptances of the units a person works in."""

    def in_force(self, *, today: date) -> Self:
        """Return those that count on a day."""
        return self.filter(status=TierAcceptance.Status.GRANTED, expires_on__gte=today)


class TierAcceptance(Numbered):
    """That a deployment may run at a tier below the one that was proposed then, until a day, and why.

    It covers no more than was asked for: not a lower tier, not another revision, and not what has been proposed since,
    if that is higher.
    """

    class Status(models.TextChoices):
        """Where it is."""

        REQUESTED = "requested", "Asked for"
        GRANTED = "granted", "Granted"
        REFUSED = "refused", "Refused"
        REVOKED = "revoked", "Revoked"

    TRANSITIONS = transitions.table(requested="granted refused", granted="revoked")

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="tier_acceptances")
    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="tier_acceptances")
    status = models.CharField(max_length=10, choices=Status, default=Status.REQUESTED)
    tier = models.PositiveSmallIntegerField(help_text="the governance tier that is accepted")
    revision = models.CharField(max_length=40, choices=Deployment.GovernanceRevision)
    proposed = models.PositiveSmallIntegerField(help_text="the one that was proposed when it was asked for")
    proposal_reason = models.CharField(max_length=300)
    reason = models.TextField()
    expires_on = models.DateField(help_text="the last day on which it counts")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = TierAcceptanceQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=["status", "number"], name="tier_acceptance_by_status"),
            models.Index(fields=["expires_on", "number"], name="tier_acceptance_by_end"),
        )
        constraints = (
            models.CheckConstraint(name="a_lower_tier_is_accepted", condition=Q(tier__gte=1, tier__lt=F("proposed"))),
            models.CheckConstraint(
                name="whoever_grants_a_tier_acceptance_did_not_request_it",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
            ),
            models.CheckConstraint(
                name="a_decided_tier_acceptance_names_its_decider",
                condition=Q(status="requested") | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["deployment"],
                name="a_deployment_has_one_open_tier_request",
                condition=Q(status="requested"),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "TA-3 D-7 at tier 1"."""
        return f"{self.ref} {self.deployment.ref} at tier {self.tier}"

    def is_in_force(self, *, today: date) -> bool:
        """Return whether it counts on a day."""
        return self.status == self.Status.GRANTED and self.expires_on >= today

    def state(self, *, today: date) -> str:
        """Return how it stands: its status, or once granted "in_force" and, from the day after, "expired"."""
        if self.status != self.Status.GRANTED:
            return self.status
        return "in_force" if self.is_in_force(today=today) else "expired"

    def covers(self, tier: int, *, proposed: int, revision: str) -> bool:
        """Return whether running at a tier where another is proposed is what was accepted, whatever the day."""
        return revision == self.revision and tier >= self.tier and proposed <= self.proposed
