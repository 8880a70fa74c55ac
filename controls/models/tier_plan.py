"""The way up: from one governance tier to another, with a day for each control that is still missing."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery

from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from catalogue.models import Control
from numbering.models import Numbered
from riskregister import transitions
from riskregister.ids import uuid7
from vendors.models import Deployment, Server


class TierPlanQuerySet(ScopedQuerySet["TierPlan"]):
    """Plans of the units a person works in."""

    def under_way(self) -> Self:
        """Return those that are still to be done."""
        return self.filter(status=TierPlan.Status.UNDER_WAY)

    def with_next_due(self) -> Self:
        """Annotate `next_due`, the first due day of a milestone that is not done."""
        left = TierMilestone.objects.filter(plan=OuterRef("pk"), done_on=None).order_by("due_on")
        return self.annotate(next_due=Subquery(left.values("due_on")[:1]))


class TierPlan(Numbered):
    """How a deployment, or all of a server's, get from one governance tier to a higher one."""

    class Status(models.TextChoices):
        """Where it is."""

        UNDER_WAY = "under_way", "Under way"
        FINISHED = "finished", "Finished"
        DROPPED = "dropped", "Given up"

    TRANSITIONS = transitions.table(under_way="finished dropped")

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="tier_plans")
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="tier_plans")
    deployment = models.ForeignKey(
        Deployment, on_delete=models.PROTECT, null=True, blank=True, related_name="tier_plans",
        help_text="empty: all deployments of the server",
    )  # fmt: skip
    status = models.CharField(max_length=10, choices=Status, default=Status.UNDER_WAY)
    from_tier = models.PositiveSmallIntegerField(help_text="0: none was set")
    to_tier = models.PositiveSmallIntegerField()
    revision = models.CharField(max_length=40, choices=Deployment.GovernanceRevision)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    drop_reason = models.TextField(blank=True)

    objects = TierPlanQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=["status", "number"], name="tier_plan_by_status"),
            models.Index(fields=["to_tier", "number"], name="tier_plan_by_tier"),
        )
        constraints = (
            models.CheckConstraint(
                name="a_tier_plan_leads_up", condition=Q(to_tier__gt=F("from_tier"), to_tier__gte=1, to_tier__lte=3)
            ),
            models.CheckConstraint(
                name="a_tier_plan_that_is_over_says_when",
                condition=Q(status="under_way", ended_at__isnull=True)
                | ~Q(status="under_way") & Q(ended_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["deployment"], name="a_deployment_has_one_tier_plan", condition=Q(status="under_way")
            ),
            models.UniqueConstraint(
                fields=["server"],
                name="a_server_has_one_tier_plan",
                condition=Q(status="under_way", deployment__isnull=True),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "TP-3 S-7 Filesystem to tier 2"."""
        return f"{self.ref} {self.about} to tier {self.to_tier}"

    @property
    def about(self) -> "Deployment | Server":
        """Return whose way it is."""
        return self.deployment or self.server

    @classmethod
    def overdue_on(cls, today: date) -> Q:
        """Return the condition that a milestone of a plan that is under way was to be done and is not."""
        late = TierMilestone.objects.filter(plan=OuterRef("pk"), done_on=None, due_on__lt=today)
        return Q(Exists(late), status=cls.Status.UNDER_WAY)


class TierMilestone(models.Model):
    """A control that is to be in place by a day; done when it counts as in place there."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(TierPlan, on_delete=models.CASCADE, related_name="milestones")
    control = models.ForeignKey(Control, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("due_on", "control")
        indexes = (models.Index(fields=["plan", "due_on"], name="tier_milestone_by_due"),)
        constraints = (models.UniqueConstraint(fields=["plan", "control"], name="a_control_is_one_milestone"),)

    def __str__(self) -> str:
        """Return the control and its day."""
        return f"{self.control.ref} by {self.due_on}"

    def is_overdue(self, *, today: date) -> bool:
        """Return whether it was to be done and is not."""
        return self.done_on is None and self.due_on < today
