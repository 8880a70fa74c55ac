"""Alerts: that somebody must know of an event; deliveries: one attempt to tell them outside the register."""

from django.db import models
from django.db.models import Q

from accounts import access
from accounts.models import User
from audit.events import Pace
from audit.models import Event
from riskregister import nouns, transitions
from riskregister.ids import uuid7


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts of one person."""

    def visible_to(self, user: User) -> "AlertQuerySet":
        """Return the alerts that were meant for this person, without those of units that they have left.

        What is their own, such as a request for a server, they are told of wherever it is.
        """
        own, here = self.filter(recipient_id=user.pk), access.of(user)
        if here.sees_all_units:
            return own
        here_or_own = Q(event__unit_id__in=here.unit_ids)
        for noun in nouns.cards():
            if noun.own:
                rows = noun.model._base_manager.filter(**{noun.own: user.pk}).order_by().values("pk")
                here_or_own |= Q(object_type=noun.model._meta.label_lower, object_id__in=rows)
        return own.filter(~Q(event__scope=Event.Scope.UNIT) | here_or_own)

    def unread(self) -> "AlertQuerySet":
        """Return the alerts that are news: neither marked as read nor settled by whoever did what they wait for."""
        return self.filter(read_at__isnull=True, settled_at__isnull=True)


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
    pace = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Pace], default=Pace.SOON)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="when somebody did what it waits for")
    settled_by = models.CharField(max_length=250, blank=True)
    delivery = models.ForeignKey(
        "Delivery", on_delete=models.PROTECT, null=True, blank=True, related_name="alerts", help_text="the mail with it"
    )

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(fields=["recipient", "-created_at", "-id"], name="alert_by_recipient"),
            models.Index(
                fields=["recipient"], name="alert_unread", condition=Q(read_at__isnull=True, settled_at__isnull=True)
            ),
            models.Index(
                fields=["object_id"], name="alert_unsettled", condition=Q(is_action=True, settled_at__isnull=True)
            ),
        )
        constraints = (models.UniqueConstraint(fields=["event", "recipient"], name="a_person_is_told_once"),)

    def __str__(self) -> str:
        """Return the title."""
        return self.title


class Delivery(models.Model):
    """A message that tells a person of alerts outside the register; the Message-ID stays the same over retries.

    Alerts join it until it is sealed; from then on it says the same however often it is tried. What is no bundle of
    alerts is sealed from the beginning and kept in its own words.
    """

    class Channel(models.TextChoices):
        """How they are told."""

        EMAIL = "email", "E-mail"

    class Kind(models.TextChoices):
        """What it gathers."""

        PROMPT = "prompt", "Message"
        DIGEST = "digest", "Daily digest"
        WEEKLY = "weekly", "Weekly digest"

    class Status(models.TextChoices):
        """Where it is."""

        PENDING = "pending"
        SENT = "sent"
        FAILED = "failed", "Failed, will retry"
        GIVEN_UP = "given_up", "Given up"
        DROPPED = "dropped", "Not needed any more"

    TRANSITIONS = transitions.table(pending="sent failed dropped", failed="pending sent given_up", given_up="pending")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PROMPT)
    send_after = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True, blank=True)
    address = models.CharField(max_length=254)
    message_id = models.CharField(max_length=200, unique=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    occasion = models.CharField(max_length=40, blank=True, help_text="which letter, and of which week")
    subject = models.CharField(max_length=250, blank=True, help_text="of what is no bundle of alerts, as the body")
    body = models.TextField(blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=["recipient", "kind", "-sealed_at"], name="delivery_last"),)
        constraints = (
            models.UniqueConstraint(
                fields=["recipient", "channel", "kind"],
                name="one_message_a_person_is_open",
                condition=Q(sealed_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["recipient", "kind", "occasion"],
                name="an_occasion_has_one_message_a_person",
                condition=~Q(occasion=""),
            ),
        )

    def __str__(self) -> str:
        """Return channel and address."""
        return f"{self.channel} to {self.address}"


class MailChoice(models.Model):
    """How soon a mail tells a person of a kind of things, where that is not as usual."""

    class When(models.TextChoices):
        """How soon."""

        USUAL = "usual", "As urgent as it is"
        AT_ONCE = "at_once", "At once"
        DAILY = "daily", "Once a day"
        NEVER = "never", "Never, only in the inbox"

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="mail_choices")
    kind = models.CharField(max_length=20)
    when = models.CharField(max_length=8, choices=When)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["person", "kind"], name="a_person_chooses_once_a_kind"),)

    def __str__(self) -> str:
        """Return the kind and how soon."""
        return f"{self.kind}: {self.when}"
