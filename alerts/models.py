"""Alerts: that somebody must know of an event; deliveries: one attempt to tell them outside the register."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from audit.models import Event
from riskregister import transitions
from riskregister.ids import uuid7


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts of one person."""

    def visible_to(self, user: User) -> "AlertQuerySet":
        """Return the alerts that were meant for this person."""
        return self.filter(recipient_id=user.pk)

    def unread(self) -> "AlertQuerySet":
        """Return the alerts that nobody has marked as read."""
        return self.filter(read_at__isnull=True)


class Alert(models.Model):
    """An entry in a person's inbox: which event they must know of, and why they."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="alerts")
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="alerts")
    title = models.CharField(max_length=250)
    body = models.TextField(blank=True)
    why = models.CharField(max_length=160, help_text="e.g. You own this finding")
    is_action = models.BooleanField(default=False, help_text="something waits for the recipient")
    object_type = models.CharField(max_length=40)
    object_id = models.UUIDField()
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(fields=["recipient", "-created_at", "-id"], name="alert_by_recipient"),
            models.Index(fields=["recipient"], name="alert_unread", condition=Q(read_at__isnull=True)),
        )
        constraints = (models.UniqueConstraint(fields=["event", "recipient"], name="a_person_is_told_once"),)

    def __str__(self) -> str:
        """Return the title."""
        return self.title


class Delivery(models.Model):
    """One way of telling a recipient outside the register; the Message-ID stays the same over retries."""

    class Channel(models.TextChoices):
        """How they are told."""

        EMAIL = "email", "E-mail"

    class Status(models.TextChoices):
        """Where it is."""

        PENDING = "pending"
        SENT = "sent"
        FAILED = "failed", "Failed, will retry"
        GIVEN_UP = "given_up", "Given up"

    TRANSITIONS = transitions.table(pending="sent failed", failed="pending sent given_up", given_up="pending")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel)
    address = models.CharField(max_length=254)
    message_id = models.CharField(max_length=200, unique=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=["alert", "channel"], name="a_channel_is_used_once"),)

    def __str__(self) -> str:
        """Return channel and address."""
        return f"{self.channel} to {self.address}"
