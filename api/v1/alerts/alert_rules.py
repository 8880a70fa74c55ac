"""Rules: who is told of what beside those whom the rooms name; and what a rule would have said last week."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Unit, User
from accounts.principals import Principal
from alerts.lists import ALERT_RULES
from alerts.models import AlertRule, Channel
from alerts.rules import preview, wording, writing
from alerts.rules.preview import LastWeek, Would
from api.fields import Body, Choice, Known, Moment, Reason, Text, Whole
from api.steps import takes
from api.v1.alerts.channels import ChannelRef
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.v1.findings.findingrows import SeverityIfAny
from api.views import Noun, part, step
from scoring.scales import Severity
from vendors.models import Vendor


class AlertRuleOut(Out):
    """A rule, and in `words` what it says; `broken_why` says why its filter broke, and that it tells all the same."""

    unit = refs.UnitRef()
    vendor = refs.VendorRef()
    written_by = refs.PersonRef()
    least_severity = SeverityIfAny()
    about: Any = serializers.ListField(child=serializers.CharField())
    tiers: Any = serializers.ListField(child=serializers.IntegerField())
    places: Any = serializers.ListField(child=Choice(choices=list(wording.PLACES.items())))
    people = refs.PersonRef(many=True)
    channels = ChannelRef(many=True)
    words = serializers.SerializerMethodField()

    class Meta:
        model = AlertRule
        fields = (
            "id", "ref", "unit", "name", "words", "about", "least_severity", "tiers", "vendor", "tag", "places",
            "people", "channels", "pace", "status", "written_by", "written_at", "broken_at", "broken_why",
        )  # fmt: skip

    def get_words(self, rule: AlertRule) -> str:
        """Return what it says."""
        return wording.sentence(rule)


class AlertRuleEdit(Body):
    """What it is about (kinds of things and verbs of events), what narrows that, whom it tells, and how soon."""

    name = Text(max_length=120)
    about: Any = serializers.ListField(child=Text(max_length=60), max_length=writing.LONGEST)
    least_severity = Choice(choices=Severity.words(), required=False, allow_null=True, default=None)
    tiers: Any = serializers.ListField(
        child=Whole(min_value=min(writing.TIERS), max_value=max(writing.TIERS)), required=False, default=list
    )
    vendor = Known(Vendor, required=False, allow_null=True, default=None)
    tag = Text(required=False, default="", help_text="of the server it is about; empty: any")
    places: Any = serializers.ListField(
        child=Choice(choices=list(wording.PLACES.items())), required=False, default=list
    )
    people: Any = serializers.ListField(child=Known(User), required=False, default=list)
    channels: Any = serializers.ListField(child=Known(Channel), required=False, default=list)
    pace = Choice(choices=AlertRule.Speed.choices, required=False, default=AlertRule.Speed.AT_ONCE)

    def to_internal_value(self, data: Any) -> Any:
        """Return the values as the step takes them."""
        values = super().to_internal_value(data)
        return {**values, "least_severity": values["least_severity"] or ""}


class AlertRuleBody(AlertRuleEdit):
    """The same, and whose it is (no unit: the whole organisation's)."""

    unit = Known(Unit, required=False, allow_null=True, default=None)


class WouldOut(serializers.Serializer[Any]):
    """An event, and whom the rule would have told of it."""

    event_id = serializers.UUIDField(source="event.pk")
    verb = serializers.CharField(source="event.verb")
    at = Moment(source="event.at")
    title = serializers.CharField(source="heard.title")
    note = serializers.CharField()
    people = serializers.SerializerMethodField()
    channels = serializers.SerializerMethodField()

    @extend_schema_field(refs.PersonRef(many=True))
    def get_people(self, would: Would) -> Any:
        """Return the people."""
        return refs.PersonRef([one.person for one in would.heard.people], many=True).data

    @extend_schema_field(ChannelRef(many=True))
    def get_channels(self, would: Would) -> Any:
        """Return the channels."""
        return ChannelRef(list(would.heard.channels), many=True).data


class LastWeekOut(serializers.Serializer[Any]):
    """What a rule would have said; `is_whole` is false where there were more events than are looked at."""

    since = Moment()
    looked_at = serializers.IntegerField()
    is_whole = serializers.BooleanField()
    total = serializers.SerializerMethodField()
    found = serializers.SerializerMethodField()

    def get_total(self, week: LastWeek) -> int:
        """Return of how many events it would have told."""
        return len(week.found)

    @extend_schema_field(WouldOut(many=True))
    def get_found(self, week: LastWeek) -> Any:
        """Return the first hundred, the latest first."""
        return WouldOut(week.shown, many=True).data


class AlertRules(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[AlertRule]):
    """Rules that add to what people are told anyway."""

    serializer_class, body_class = AlertRuleOut, AlertRuleBody
    of, orders = ALERT_RULES, ("-number",)

    def get_queryset(self) -> "QuerySet[AlertRule]":
        """Return the rules that the caller may see."""
        rows = AlertRule.objects.visible_to(self.person).select_related("unit", "vendor", "written_by")
        return rows.prefetch_related("people", "channels")

    @takes(writing.write)
    def create(self, request: Request) -> Response:
        """Write a rule; it is paused at first."""
        data = self.body(AlertRuleBody)
        unit, name = data.pop("unit"), data.pop("name")
        return self.made(writing.write(unit=unit, name=name, facts=data, by=self.by, now=timezone.now()))

    @part("last-week", shows=LastWeekOut)
    def last_week(self, rule: AlertRule, *, now: datetime) -> LastWeek:
        """Return what the rule would have said in the last seven days; nobody is told."""
        return preview.last_week(rule, reader=self.person, now=now)

    @step("rewrite", takes=writing.rewrite, body=AlertRuleEdit)
    def rewrite(
        self, rule: AlertRule, *, by: Principal, now: datetime, version: str | None, name: str, **data: Any
    ) -> None:
        """Let it say this from now on."""
        writing.rewrite.over(version)(rule, name=name, facts=data, by=by, now=now)

    @step("start", takes=writing.start)
    def start(self, rule: AlertRule, *, by: Principal, now: datetime) -> None:
        """Tell by it from now on."""
        writing.start(rule, by=by, now=now)

    @step("pause", takes=writing.pause, body=Reason)
    def pause(self, rule: AlertRule, *, by: Principal, now: datetime, **data: Any) -> None:
        """Tell nobody by it until it is started again."""
        writing.pause(rule, by=by, now=now, **data)

    @step("retire", takes=writing.retire, body=Reason)
    def retire(self, rule: AlertRule, *, by: Principal, now: datetime, **data: Any) -> None:
        """End it."""
        writing.retire(rule, by=by, now=now, **data)
