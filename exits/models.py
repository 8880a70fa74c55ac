"""Exit plans: how agents go on when a server must be left."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from numbering.models import Numbered
from riskregister import transitions
from vendors.models import Server


class ExitPlanQuerySet(ScopedQuerySet["ExitPlan"]):
    """Exit plans of the units a person works in."""

    def tried(self) -> Self:
        """Return those shown to work of servers that can be left, whose trial grows old."""
        return self.filter(status=ExitPlan.Status.READY).exclude(server__status=Server.Status.RETIRED)


class ExitPlan(Numbered):
    """How a server is left, and when that was last tried; only a trial that worked makes it ready."""

    class Status(models.TextChoices):
        """Whether it can be relied on."""

        DRAFT = "draft", "Not shown to work"
        READY = "ready", "Shown to work"

    # Of one that was shown to work, once that was too long ago.
    TO_TRY, TO_TRY_WORDS = "to_try", "To be tried again"
    TRANSITIONS = transitions.table(draft="draft ready", ready="draft ready")

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="exit_plans")
    server = models.OneToOneField(Server, on_delete=models.PROTECT, related_name="exit_plan")
    status = models.CharField(max_length=8, choices=Status, default=Status.DRAFT)
    plan = models.TextField()
    replacement = models.CharField(max_length=200)
    days = models.PositiveSmallIntegerField(help_text="how many days it takes until agents go on without the server")
    tried_on = models.DateField(null=True, blank=True)
    counts_until = models.DateField(
        null=True, blank=True, editable=False, help_text="the last day on which the trial that worked counts"
    )
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
                name="an_exit_plan_that_is_ready_was_tried",
                condition=~Q(status="ready") | Q(tried_on__isnull=False, counts_until__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "XP-3 S-12 Filesystem"."""
        return f"{self.ref} {self.server}"

    def state(self, *, today: date) -> str:
        """Return how it is today: its status, or that it is to be tried again."""
        is_old = self.counts_until is not None and self.counts_until < today
        return self.TO_TRY if is_old and self.status == self.Status.READY else self.status

    def state_words(self, *, today: date) -> str:
        """Return the same in words."""
        return self.TO_TRY_WORDS if self.state(today=today) == self.TO_TRY else str(self.get_status_display())
