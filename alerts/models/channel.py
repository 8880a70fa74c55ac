"""Channels: receivers outside the register that are told of what happens, such as a webhook or a SIEM."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from numbering.models import Numbered
from riskregister import transitions


class ChannelQuerySet(ScopedQuerySet["Channel"]):
    """Channels of the units a person works in; those of the whole organisation are for whoever works in all of it."""

    def in_use(self) -> "ChannelQuerySet":
        """Return those that are told of things."""
        return self.filter(status=Channel.Status.ACTIVE)


class Channel(Numbered):
    """A receiver of a unit, or of the whole organisation where there is none.

    Its address and its secrets are kept encrypted: whoever has the address of a chat can write there. `place` is what
    everybody may see of the address: how it is reached, host and port. While a receiver cannot be reached, or asks to
    be left alone, the channel rests, so that what waits for it keeps no worker waiting in turn.
    """

    class Kind(models.TextChoices):
        """What is at the other end."""

        WEBHOOK = "webhook", "Signed webhook"
        SLACK = "slack", "Slack"
        TEAMS = "teams", "Microsoft Teams"
        SYSLOG = "syslog", "Syslog"

    class Form(models.TextChoices):
        """In which form a line of syslog says it."""

        CEF = "cef", "CEF"
        OCSF = "ocsf", "OCSF (JSON)"

    class Status(models.TextChoices):
        """Whether it is told of anything."""

        ACTIVE = "active"
        RETIRED = "retired"

    TRANSITIONS = transitions.table(active="retired")

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="channels")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind)
    form = models.CharField("form of the lines", max_length=10, choices=Form, blank=True)
    place = models.CharField(max_length=300, help_text="how it is reached, host and port")
    address_kept = models.TextField("address")
    secret_kept = models.TextField("secret", blank=True)
    former_secret_kept = models.TextField("former secret", blank=True)
    former_until = models.DateTimeField(null=True, blank=True, help_text="until when the former secret signs too")
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="in a row, not reached")
    rests_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.CheckConstraint(
                name="a_channel_of_syslog_and_no_other_has_a_form",
                condition=Q(kind="syslog") & ~Q(form="") | ~Q(kind="syslog") & Q(form=""),
            ),
            models.CheckConstraint(
                name="a_signed_webhook_has_a_secret",
                condition=~Q(kind="webhook") | ~Q(secret_kept=""),
            ),
            models.CheckConstraint(
                name="a_former_secret_ends",
                condition=Q(former_secret_kept="") | Q(former_until__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "CH-2 On call"."""
        return f"{self.ref} {self.name}"

    @property
    def whose(self) -> str:
        """Return the unit, or that it is of the whole organisation."""
        return self.unit.name if self.unit else "The whole organisation"

    def rests(self, *, now: datetime) -> bool:
        """Return whether its receiver is left alone for now."""
        return self.rests_until is not None and self.rests_until > now
