"""Due diligence of vendors: rounds, and the items that are looked at in them."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.principals import Principal
from api.fields import Body, Choice, Known, Reason, Text
from api.steps import takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step
from assurance import rounds
from assurance.lists import DUE_DILIGENCE, DUE_DILIGENCE_ITEMS
from assurance.models import DueDiligence, DueDiligenceItem
from evidence.models import Evidence
from riskregister import looks
from vendors.models import Vendor


class DueDiligenceRef(Out):
    """A round of due diligence."""

    ref = serializers.CharField()

    class Meta:
        model = DueDiligence
        fields = ("id", "ref", "status")


class DueDiligenceOut(Out):
    """A round; `weight` is how much depended on the vendor when it began, 1 is the most."""

    ref = serializers.CharField()
    vendor = refs.VendorRef()
    started_by = refs.PersonRef()
    completed_by = refs.PersonRef()

    class Meta:
        model = DueDiligence
        fields = (
            "id", "ref", "vendor", "status", "template", "weight", "weight_reason", "started_by", "started_at",
            "completed_by", "completed_on", "conclusion", "next_due_on",
        )  # fmt: skip


class DueDiligenceBody(Body):
    """Of which vendor."""

    vendor = Known(Vendor)


class Conclusion(Body):
    """What the round came to."""

    conclusion = Text()


class ItemOut(Out):
    """Something that is looked at; `state` is how it stands today."""

    due_diligence = DueDiligenceRef()
    looked_by = refs.PersonRef()
    waived_by = refs.PersonRef()
    evidence = refs.EvidenceRef()
    state = serializers.SerializerMethodField()

    class Meta:
        model = DueDiligenceItem
        fields = (
            "id", "due_diligence", "position", "key", "topic", "title", "look_at", "good", "state", "outcome",
            "looked_on", "looked_by", "note", "evidence", "valid_until", "waived_until", "waived_by", "waived_reason",
        )  # fmt: skip

    @extend_schema_field(Choice(choices=list(looks.kinds()["due diligence item"])))
    def get_state(self, row: DueDiligenceItem) -> str:
        """Return how it stands today: its outcome, waived, run out, or open while nobody has looked."""
        return row.state(today=timezone.localdate())


class ItemBody(Body):
    """What was found on a day; `valid_until` null: until the next round."""

    outcome = Choice(choices=DueDiligenceItem.Outcome.choices)
    looked_on = serializers.DateField()
    note = Text(required=False, help_text="needed unless it is satisfactory")
    evidence = Known(Evidence, required=False, allow_null=True, help_text="of the whole organisation")
    valid_until = serializers.DateField(required=False, allow_null=True)


class WaiverBody(Body):
    """Until which day within a year, and why."""

    until = serializers.DateField()
    reason = Text()


class DueDiligenceRounds(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[DueDiligence]):
    """Rounds of due diligence of vendors."""

    serializer_class, body_class = DueDiligenceOut, DueDiligenceBody
    of, orders = DUE_DILIGENCE, ("-number", "next_due_on")

    def get_queryset(self) -> "QuerySet[DueDiligence]":
        """Return the rounds that the caller may see."""
        near = ("vendor", "started_by", "completed_by")
        return DueDiligence.objects.visible_to(self.person).select_related(*near)

    @takes(rounds.start)
    def create(self, request: Request) -> Response:
        """Begin a round with the items that fit the vendor; one is open at a time."""
        data = self.body(DueDiligenceBody)
        return self.made(rounds.start(data["vendor"], by=self.by, now=timezone.now()))

    @step("complete", takes=rounds.complete, body=Conclusion)
    def complete(self, due_diligence: DueDiligence, *, by: Principal, now: datetime, conclusion: str) -> None:
        """Complete a round that others did; the day of the next one follows."""
        rounds.complete(due_diligence, conclusion=conclusion, by=by, now=now)

    @step("cancel", takes=rounds.cancel, body=Reason)
    def cancel(self, due_diligence: DueDiligence, *, by: Principal, now: datetime, reason: str) -> None:
        """Give a round up; the last complete one goes on counting."""
        rounds.cancel(due_diligence, reason=reason, by=by, now=now)


class DueDiligenceItems(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[DueDiligenceItem]):
    """Items of rounds of due diligence."""

    serializer_class = ItemOut
    of, orders = DUE_DILIGENCE_ITEMS, ("id",)

    def get_queryset(self) -> "QuerySet[DueDiligenceItem]":
        """Return the items that the caller may see."""
        near = ("due_diligence__vendor", "looked_by", "waived_by", "evidence")
        return DueDiligenceItem.objects.visible_to(self.person).select_related(*near)

    @step("record", takes=rounds.record, body=ItemBody)
    def record(
        self, item: DueDiligenceItem, *, by: Principal, now: datetime, version: str | None, **facts: Any
    ) -> None:
        """Record what was found of an item while its round is open."""
        rounds.record.over(version)(item, by=by, now=now, **facts)

    @step("waive", takes=rounds.waive, body=WaiverBody)
    def waive(self, item: DueDiligenceItem, *, by: Principal, now: datetime, until: date, reason: str) -> None:
        """Let an item be left out until a day; afterwards it counts again."""
        rounds.waive(item, until=until, reason=reason, by=by, now=now)
