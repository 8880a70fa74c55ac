"""Events (append-only), and their outbox."""

import json
from typing import Any

from django.db import models

from riskregister.ids import uuid7


class Event(models.Model):
    """Something that happened, said once in the transaction that made it true; never changed or deleted (triggers).

    `body` is canonical JSON of everything that was said, the other columns included, `digest` its SHA-256. `mac` shows
    that the register wrote it: its key is not in the database.
    The actor and the object are kept by kind, id and label, without foreign keys.
    """

    class Scope(models.TextChoices):
        """Who may read it: members of the unit, everybody with a role, whoever has a role in the whole organisation, or
        of these administrators and auditors.
        """

        UNIT = "unit"
        ORGANISATION = "organisation"
        ALL_UNITS = "all_units", "All units"
        ADMINISTRATION = "administration"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    verb = models.CharField(max_length=60)
    at = models.DateTimeField()
    scope = models.CharField(max_length=20, choices=Scope)
    unit_id = models.UUIDField(null=True)
    object_type = models.CharField(max_length=40)
    object_id = models.UUIDField()
    object_label = models.CharField(max_length=250)
    concerns_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=64, blank=True)
    actor_label = models.CharField(max_length=250)
    correlation_id = models.UUIDField(null=True)
    reason = models.TextField(blank=True)
    body = models.TextField()
    digest = models.CharField(max_length=64)
    mac = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=["object_id", "-at"], name="event_by_object"),
            models.Index(fields=["concerns_id", "-at"], name="event_by_concern"),
            models.Index(fields=["unit_id", "-at", "-id"], name="event_by_unit"),
            models.Index(fields=["actor_id", "-at", "-id"], name="event_by_actor"),
            models.Index(fields=["correlation_id", "-at"], name="event_by_occasion"),
            models.Index(fields=["-at", "-id"], name="event_by_time"),
            # Events of a verb are counted without reading the rows, which are wide.
            models.Index(fields=["verb", "-at", "scope", "unit_id"], name="event_by_verb"),
        )
        constraints = (
            models.CheckConstraint(
                name="a_unit_event_names_its_unit",
                condition=~models.Q(scope="unit") | models.Q(unit_id__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return verb and object, e.g. "finding.closed F-7"."""
        return f"{self.verb} {self.object_label}"

    @property
    def actor_tag(self) -> str:
        """Return the kind of who did it, as a mark beside the name; empty for people and where the name says it."""
        says_it = self.actor_label.lower().startswith(f"{self.actor_kind} ")
        return "" if self.actor_kind == "person" or says_it else self.actor_kind

    @property
    def data(self) -> dict[str, Any]:
        """Return what was said beside the reason: the members that the event's declaration names."""
        data: dict[str, Any] = json.loads(self.body)["data"]
        return data


class Outbox(models.Model):
    """An event that somebody may have to be told of; `relayed_at` is set in the transaction that made the alerts."""

    event: models.OneToOneField[Event, Event] = models.OneToOneField(
        Event, primary_key=True, on_delete=models.PROTECT, related_name="outbox"
    )
    relayed_at = models.DateTimeField(null=True)
    is_part = models.BooleanField(default=False, help_text="the mail about another event of the step tells of it")

    class Meta:
        indexes = (models.Index(fields=["event"], name="outbox_unsent", condition=models.Q(relayed_at__isnull=True)),)

    def __str__(self) -> str:
        """Return the event's id."""
        return str(self.event_id)
