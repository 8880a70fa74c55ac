"""The audit trail."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from accounts import access
from api.v1.endpoint_parts.refs import Out
from api.views import Noun
from audit.models import Event
from work.trail import EVENTS


class EventRow(Out):
    """An event in a list: who did what to which object, when and why."""

    class Meta:
        model = Event
        fields = (
            "id", "verb", "at", "scope", "unit_id", "object_type", "object_id", "object_label", "concerns_id",
            "actor_kind", "actor_id", "actor_label", "correlation_id", "reason", "digest",
        )  # fmt: skip


class EventOut(EventRow):
    """An event with everything that it says; `digest` is the SHA-256 of `body` as it is stored."""

    body = serializers.CharField(help_text="canonical JSON, byte for byte")
    details = serializers.SerializerMethodField()

    class Meta:
        model = Event
        fields = (*EventRow.Meta.fields, "body", "details")

    def get_details(self, event: Event) -> dict[str, Any]:
        """Return what it says beside the verb and the reason, read from the body."""
        return event.data


class Events(ListModelMixin, RetrieveModelMixin, Noun[Event]):
    """What happened, as far as you may read it; nothing here is ever changed."""

    serializer_class, row_class = EventOut, EventRow
    of, orders = EVENTS, ("-at",)

    def get_queryset(self) -> "QuerySet[Event]":
        """Return the events that the caller may read."""
        return access.visible_events(self.person)
