"""Messages to channels: what each tells, every attempt to deliver it, and what came of it."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import models
from django.db.models import Q

from accounts.access import ScopedQuerySet
from alerts.models.channel import Channel
from audit.events import Pace
from audit.models import Event
from riskregister import transitions
from riskregister.ids import uuid7


class MessageQuerySet(ScopedQuerySet["Message"]):
    """Messages to the channels that a person sees: those of all units tell of all units."""

    unit_path = "channel__unit_id"

    def waiting(self) -> "MessageQuerySet":
        """Return those that are still to be delivered."""
        return self.filter(status__in=Message.WAITING)


class Message(models.Model):
    """What a channel is told at once, by its id the same message however often it is sent.

    A digest is open until it is sealed, and what happens meanwhile joins it. With the first try the words are written
    down: every later one says the same.
    """

    class Kind(models.TextChoices):
        """What it gathers."""

        PROMPT = "prompt", "Message"
        DIGEST = "digest", "Daily digest"
        TRIAL = "trial", "Trial"

    class Status(models.TextChoices):
        """Where it is."""

        PENDING = "pending"
        SENT = "sent"
        FAILED = "failed", "Failed, will retry"
        GIVEN_UP = "given_up", "Given up"

    WAITING = (Status.PENDING, Status.FAILED)
    TRANSITIONS = transitions.table(
        pending="sent failed", failed="pending sent given_up", given_up="pending", sent="pending"
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PROMPT)
    promised_at = models.DateTimeField()
    send_after = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True, blank=True)
    body = models.TextField(blank=True, help_text="what it says, from the first try on")
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ("-promised_at", "-id")
        indexes = (
            models.Index(fields=["-promised_at", "-id"], name="message_by_time"),
            models.Index(fields=["channel", "-promised_at", "-id"], name="message_by_channel"),
            models.Index(fields=["status", "-promised_at", "-id"], name="message_by_status"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["channel"],
                name="one_digest_a_channel_is_open",
                condition=Q(kind="digest", sealed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="what_was_sent_says_when", condition=~Q(status="sent") | Q(sent_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        """Return what it is and to which channel."""
        return f"{self.get_kind_display()} to {self.channel}"

    @property
    def unit_id(self) -> UUID | None:
        """Return the unit of its channel."""
        return self.channel.unit_id

    def has_waited(self, longest: timedelta, *, now: datetime) -> bool:
        """Return whether it has been tried for so long."""
        return now - self.send_after >= longest


class Telling(models.Model):
    """That a message tells a channel of an event, in which title, and how bad it was then."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="tellings")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="tellings")
    title = models.CharField(max_length=250)
    note = models.CharField(max_length=300, blank=True, help_text="why it is told although a filter is broken")
    severity = models.PositiveSmallIntegerField(null=True, blank=True)
    pace = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Pace], default=Pace.SOON)
    object_type = models.CharField(max_length=40)
    object_id = models.UUIDField()

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=["channel", "event"], name="a_channel_is_told_once"),)

    def __str__(self) -> str:
        """Return the title."""
        return self.title


class Attempt(models.Model):
    """One try to deliver a message: how long it took, and what came of it; no error: it was delivered."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="tries")
    at = models.DateTimeField()
    took_ms = models.PositiveIntegerField()
    answer = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="the status of HTTP, where there was one"
    )
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        """Return what came of it."""
        return self.error or "Delivered"
