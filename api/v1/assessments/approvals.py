"""Approvals: the decisions about servers, with their conditions."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from accounts.principals import Principal
from api.fields import Body, Reason, Text
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step
from decisions.approvals import approvals, conditions
from decisions.lists import APPROVALS
from decisions.models import Approval, Condition
from riskregister import looks
from riskregister.refusals import Refused


class ConditionOut(Out):
    """Something that must be done by a day; missed, it became the finding."""

    met_by = refs.PersonRef()
    finding = refs.FindingRef()

    class Meta:
        model = Condition
        fields = ("id", "text", "due_on", "met_at", "met_by", "met_note", "finding", "carried_from")


class ApprovalOut(Out):
    """One decision, bound to the release and manifest that were judged."""

    ref = serializers.CharField()
    unit = refs.UnitRef()
    server = refs.ServerRef()
    assessment = refs.AssessmentRef()
    release = refs.ReleaseRef()
    decided_by = refs.PersonRef()
    withdrawn_by = refs.PersonRef()
    state = serializers.SerializerMethodField()
    conditions = ConditionOut(many=True)

    class Meta:
        model = Approval
        fields = (
            "id", "ref", "unit", "server", "assessment", "release", "manifest_digest", "decision", "status", "state",
            "reason", "residual", "valid_until", "decided_by", "decided_at", "withdrawn_by",
            "withdrawn_reason", "conditions",
        )  # fmt: skip

    @extend_schema_field({"type": "string", "enum": list(looks.kinds()["approval"])})
    def get_state(self, approval: Approval) -> str:
        """Return how it stands today: its status, or that it has run out."""
        return approval.state(today=timezone.localdate())


def any_condition(approval: Approval) -> Condition:
    """Return one of the conditions of an approval, by which is told who may meet them. Raises Refused for none."""
    found = (
        Condition.objects.filter(approval=approval).select_related("approval__server", "approval__assessment").first()
    )
    if found is None:
        raise Refused("It was approved without conditions.")
    return found


class ConditionMet(Body):
    """Which condition was met, and what shows it."""

    condition = serializers.UUIDField()
    note = Text()


class Approvals(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Approval]):
    """Decisions about servers; they are made on an assessment."""

    serializer_class = ApprovalOut
    of, orders = APPROVALS, ("-number", "valid_until")

    def get_queryset(self) -> "QuerySet[Approval]":
        """Return the decisions that the caller may see."""
        seen = Approval.objects.visible_to(self.person)
        near = seen.select_related("unit", "server", "assessment", "release", "decided_by", "withdrawn_by")
        return near.prefetch_related("conditions__met_by", "conditions__finding")

    @step("withdraw", takes=approvals.withdraw, body=Reason)
    def withdraw(self, approval: Approval, *, by: Principal, now: datetime, reason: str) -> None:
        """Withdraw an approval that is in force; the server is suspended."""
        approvals.withdraw(approval, reason=reason, by=by, now=now)

    @step("meet-condition", takes=conditions.meet, given=any_condition, body=ConditionMet)
    def meet_condition(self, one: Condition, *, by: Principal, now: datetime, condition: Any, note: str) -> None:
        """Record that a condition was met."""
        row = get_object_or_404(one.approval.conditions.select_related("approval__server"), pk=condition)
        conditions.meet(row, note=note, by=by, now=now)
