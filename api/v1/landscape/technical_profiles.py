"""Technical profiles: how deployments are reached, protected, recorded and walled in, and how they fail."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import Body, Choice, Flag, Known, Text, Whole
from api.steps import takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun
from landscape import technical_profiles
from landscape.lists import TECHNICAL_PROFILES
from landscape.models import TechnicalProfile
from vendors.models import Deployment, Server


class TechnicalProfileOut(Out):
    """A technical profile; null, and empty, is not known."""

    deployment = refs.DeploymentRef()
    fallback = refs.ServerRef()
    egress_hosts = serializers.ListField(child=serializers.CharField())
    written_by = refs.PersonRef()

    class Meta:
        model = TechnicalProfile
        fields = ("id", "deployment", *technical_profiles.FIELDS, "key_rotation_due_on", "written_by", "written_at")


def _number(most: int) -> Whole:
    return Whole(required=False, allow_null=True, min_value=1, max_value=most)


def _open(choices: Any) -> Choice:
    return Choice(choices=choices.choices, required=False, allow_blank=True)


def _known() -> Flag:
    return Flag(required=False, allow_null=True)


def _word(limit: int, help_text: str = "") -> Text:
    return Text(required=False, max_length=limit, help_text=help_text)


def _day() -> serializers.DateField:
    return serializers.DateField(required=False, allow_null=True)


class TechnicalProfileEdit(Body):
    """What can be changed of a technical profile."""

    transport = _open(TechnicalProfile.Transport)
    tls = Choice(
        choices=TechnicalProfile.Tls.choices, required=False, allow_blank=True, help_text="the oldest that it takes"
    )
    mutual_tls = _known()
    certificate_owner = _word(120, "who renews it")
    certificate_ends_on = _day()
    authentication = _open(TechnicalProfile.Authentication)
    token_minutes = _number(technical_profiles.LONGEST_MINUTES)
    key_rotation_days = _number(technical_profiles.LONGEST_DAYS)
    key_rotated_on = _day()
    calls_logged = _known()
    logs_what = _word(300)
    logs_where = _word(200)
    logs_days = _number(technical_profiles.LONGEST_DAYS)
    signatures_checked = _known()
    checksums_checked = _known()
    schema_checked = _known()
    business_rules_checked = _known()
    cross_checked = _known()
    freshness_minutes = _number(technical_profiles.LONGEST_MINUTES)
    freshness_pointer = _word(300, "a JSON pointer (RFC 6901) to the timestamp in the result")
    is_contained = _known()
    segment = _word(120)
    egress_hosts = serializers.ListField(
        child=Text(max_length=260), required=False, max_length=technical_profiles.MOST_HOSTS
    )
    limits = _word(300)
    has_circuit_breaker = _known()
    fallback = Known(Server, required=False, allow_null=True, help_text="the server that takes its place")
    degraded_mode = _word(300)
    safe_agent = _word(300)


class TechnicalProfileBody(TechnicalProfileEdit):
    """The same, of which deployment."""

    deployment = Known(Deployment)


class TechnicalProfiles(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[TechnicalProfile]):
    """What is known of the technique of deployments."""

    serializer_class = TechnicalProfileOut
    body_class, edit_class = TechnicalProfileBody, TechnicalProfileEdit
    of, orders = TECHNICAL_PROFILES, ("-written_at",)

    def get_queryset(self) -> "QuerySet[TechnicalProfile]":
        """Return the technical profiles that the caller may see."""
        rows = TechnicalProfile.objects.visible_to(self.person)
        return rows.select_related("deployment__server__unit", "fallback", "written_by")

    @takes(technical_profiles.write)
    def create(self, request: Request) -> Response:
        """Write the technical profile of a deployment that has none."""
        data = self.body(TechnicalProfileBody)
        deployment: Deployment = data.pop("deployment")
        return self.made(technical_profiles.write(deployment, by=self.by, now=timezone.now(), **data))

    @takes(technical_profiles.rewrite)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change what is said of the technique of a deployment."""
        profile = self.get_object()
        changes, version = self.changes()
        technical_profiles.rewrite.over(version)(profile, changes=changes, by=self.by, now=timezone.now())
        return Response(self.shown(pk))
