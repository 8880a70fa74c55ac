"""Exit plans: how agents go on when a server must be left."""

from django.db import models
from django.db.models import Q

from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from numbering.models import Numbered
from riskregister import transitions
from vendors.models import Server


class ExitPlanQuerySet(ScopedQuerySet["ExitPlan"]):
    """Exit plans of the units a person works in."""


class ExitPlan(Numbered):
    """How a server is left, and when that was last tried; only a trial that worked makes it ready."""

    class Status(models.TextChoices):
        """Whether it can be relied on."""

        DRAFT = "draft", "Not shown to work"
        READY = "ready", "Shown to work"

    TRANSITIONS = transitions.table(draft="draft ready", ready="draft ready")

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="exit_plans")
    server = models.OneToOneField(Server, on_delete=models.PROTECT, related_name="exit_plan")
    status = models.CharField(max_length=8, choices=Status, default=Status.DRAFT)
    plan = models.TextField()
    replacement = models.CharField(max_length=200)
    days = models.PositiveSmallIntegerField(help_text="how many days it takes until agents go on without the server")
    tried_on = models.DateField(null=True, blank=True)
    trial_note = models.TextField(blank=True)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    objects = ExitPlanQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=["status"], name="exit_plan_by_status"),
            models.Index(fields=["days", "number"], name="exit_plan_by_days"),
            models.Index(fields=["tried_on", "number"], name="exit_plan_by_trial"),
        )
        constraints = (
            models.CheckConstraint(
                name="an_exit_plan_that_is_ready_was_tried", condition=~Q(status="ready") | Q(tried_on__isnull=False)
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "XP-3 S-12 Filesystem"."""
        return f"{self.ref} {self.server}"
