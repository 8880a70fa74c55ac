"""Reviews: the scheduled occasions to assess a server again."""

from datetime import date

from django.db import models
from django.db.models import Q

from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from assessments.models import Assessment
from numbering.models import Numbered
from riskregister import transitions
from scoring import deadlines
from vendors.models import Server


class ReviewQuerySet(ScopedQuerySet["Review"]):
    """Reviews of the servers of the units a person works in."""

    def waiting(self) -> "ReviewQuerySet":
        """Return reviews that are scheduled or open."""
        return self.filter(status__in=Review.WAITING)

    def overdue(self, *, today: date) -> "ReviewQuerySet":
        """Return waiting reviews whose day has passed."""
        return self.filter(Review.overdue_on(today))


class Review(Numbered):
    """An occasion to assess a server again: by cadence, or because something happened."""

    class Trigger(models.TextChoices):
        """Why it is due."""

        CADENCE = "cadence"
        EVENT = "event"
        REQUEST = "request"

    class Status(models.TextChoices):
        """Where it is."""

        SCHEDULED = "scheduled"
        OPEN = "open"
        DONE = "done"
        SKIPPED = "skipped"

    WAITING = (Status.SCHEDULED, Status.OPEN)
    TRANSITIONS = transitions.table(scheduled="open done skipped", open="done skipped")

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="reviews")
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="reviews")
    occasion = models.CharField(max_length=120, help_text="names the occasion, so that it has one review")
    trigger = models.CharField(max_length=10, choices=Trigger)
    trigger_reason = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.SCHEDULED)
    due_on = models.DateField()
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="reviews")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, null=True, blank=True, related_name="reviews")
    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    skip_reason = models.TextField(blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ("due_on", "number")
        indexes = (
            models.Index(fields=["status", "due_on", "number"], name="review_by_due"),
            models.Index(fields=["due_on", "number"], name="review_by_day"),
            models.Index(fields=["trigger"], name="review_by_trigger"),
            models.Index(fields=["unit", "status", "due_on"], name="review_by_unit_due"),
        )
        constraints = (
            models.UniqueConstraint(fields=["server", "occasion"], name="an_occasion_has_one_review"),
            models.UniqueConstraint(
                fields=["server"],
                name="a_server_has_one_periodic_review_ahead",
                condition=Q(trigger="cadence", status__in=["scheduled", "open"]),
            ),
            models.CheckConstraint(
                name="a_skipped_review_says_why", condition=~Q(status="skipped") | ~Q(skip_reason="")
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "R-9 Filesystem, due 20 Feb 2027"."""
        return f"{self.ref} {self.server.title}, due {deadlines.written(self.due_on)}"

    @property
    def begun(self) -> Assessment | None:
        """Return the assessment that was started for it and not cancelled; None before."""
        started = self.assessment
        return started if started is not None and started.status != Assessment.Status.CANCELLED else None

    @classmethod
    def overdue_on(cls, today: date) -> Q:
        """Return the condition that a review waits and its day has passed."""
        return Q(status__in=cls.WAITING, due_on__lt=today)

    def is_overdue(self, *, today: date) -> bool:
        """Return whether it waits and its day has passed."""
        return self.status in self.WAITING and self.due_on < today

    def state(self, *, today: date) -> str:
        """Return how it stands today: its status, or "overdue"."""
        return "overdue" if self.is_overdue(today=today) else self.status


class Reminder(models.Model):
    """A reminder of a review that was sent; one a step, so that nobody is told twice."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="reminders")
    step = models.CharField(
        max_length=10, choices=[("14", "14 days"), ("7", "7 days"), ("0", "Due"), ("overdue", "Overdue")]
    )
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ("sent_at",)
        constraints = (models.UniqueConstraint(fields=["review", "step"], name="a_reminder_is_sent_once"),)

    def __str__(self) -> str:
        """Return the step."""
        return self.step
