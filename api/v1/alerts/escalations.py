"""Escalations: what waits until somebody says that they have it."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from accounts.principals import Principal
from api.fields import Body, Choice, Text
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.v1.findings.findingrows import SeverityWord
from api.views import Noun, step
from escalations import acknowledging, ladders
from escalations.lists import ESCALATIONS
from escalations.models import Escalation


class EscalationOut(Out):
    """Something that waits: `rung` is the last that was told, `object_type` and `object_id` what it is about."""

    ladder = serializers.SerializerMethodField()
    severity = SeverityWord()
    unit = refs.UnitRef()
    acknowledged_by = refs.PersonRef()

    class Meta:
        model = Escalation
        fields = (
            "id", "ladder", "label", "object_type", "object_id", "unit", "severity", "status", "rung", "began_at",
            "climbed_at", "acknowledged_by", "acknowledged_at", "note", "over_at",
        )  # fmt: skip

    @extend_schema_field(Choice(choices=ladders.pairs()))
    def get_ladder(self, escalation: Escalation) -> str:
        """Return what escalates."""
        return escalation.ladder


class AcknowledgeBody(Body):
    """What happens now."""

    note = Text(required=False)


class Escalations(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Escalation]):
    """What waits, acknowledged or not; the register itself makes them, lets them climb and ends them."""

    serializer_class = EscalationOut
    of, orders = ESCALATIONS, ("severity", "-began_at")

    def get_queryset(self) -> "QuerySet[Escalation]":
        """Return the escalations that the caller may see."""
        return Escalation.objects.visible_to(self.person).select_related("unit", "acknowledged_by")

    @step("acknowledge", takes=acknowledging.acknowledge, body=AcknowledgeBody)
    def acknowledge(self, escalation: Escalation, *, by: Principal, now: datetime, **data: Any) -> None:
        """Say that you have it: nobody further up is told of this occurrence."""
        acknowledging.acknowledge(escalation, by=by, now=now, **data)
