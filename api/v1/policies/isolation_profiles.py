"""Isolation profiles: which walls stand around a server, and the files that are made of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.principals import Principal
from api.fields import Body, Known, Text, Whole
from api.steps import takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, part, step
from containment import isolating
from containment.isolating import Prepared
from containment.isolation import facts
from containment.lists import ISOLATION_PROFILES
from containment.models import IsolationProfile
from vendors.models import Server


def _words() -> serializers.ListField:
    """Return a list of texts, as long as the profile takes it."""
    return serializers.ListField(child=serializers.CharField(max_length=300), max_length=facts.MOST)


class IsolationProfileOut(Out):
    """What a server may reach, and what it may use of the machine that runs it."""

    unit = refs.UnitRef()
    server = refs.ServerRef()
    written_by = refs.PersonRef()
    egress_hosts = _words()
    read_only_paths = _words()
    tools = _words()

    class Meta:
        model = IsolationProfile
        fields = (
            "id", "unit", "server", "egress_hosts", "read_only_paths", "tools", "image", "port", "path", "run_as_user",
            "memory_mb", "cpu_millis", "processes", "written_by", "written_at",
        )  # fmt: skip


class IsolationProfileEdit(Body):
    """Hosts as name:port, paths, the tools that may be called (none: all that are approved), and the bounds."""

    egress_hosts = _words()
    read_only_paths = _words()
    tools = _words()
    image = Text(max_length=500)
    port = Whole()
    path = Text(max_length=200)
    run_as_user = Whole()
    memory_mb = Whole()
    cpu_millis = Whole()
    processes = Whole()


class IsolationProfileBody(IsolationProfileEdit):
    """The same, of which server."""

    server = Known(Server)


class ArtefactOut(serializers.Serializer[Prepared]):
    """A file as it is now, or why there is none; who fetched it last, and the lines that differ since."""

    name = serializers.CharField(source="artefact.name")
    file = serializers.CharField(source="artefact.file")
    text = serializers.CharField()
    why_not = serializers.CharField()
    fetched_at = serializers.DateTimeField(source="last.fetched_at", default=None, allow_null=True)
    fetched_by = serializers.CharField(source="last.fetched_by.name", default=None, allow_null=True)
    changes = serializers.ListField(child=serializers.CharField())


class IsolationProfiles(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[IsolationProfile]):
    """Isolation profiles of servers."""

    serializer_class, body_class = IsolationProfileOut, IsolationProfileBody
    of, orders = ISOLATION_PROFILES, ("-written_at",)

    def get_queryset(self) -> "QuerySet[IsolationProfile]":
        """Return the profiles that the caller may see."""
        return IsolationProfile.objects.visible_to(self.person).select_related("unit", "server", "written_by")

    @takes(isolating.describe)
    def create(self, request: Request) -> Response:
        """Describe the isolation of a server that has no profile."""
        values = self.body(IsolationProfileBody)
        server: Server = values.pop("server")
        return self.made(isolating.describe(server, values=values, by=self.by, now=timezone.now()))

    @step("redescribe", takes=isolating.redescribe, body=IsolationProfileEdit)
    def redescribe(
        self, profile: IsolationProfile, *, by: Principal, now: datetime, version: str | None, **values: Any
    ) -> None:
        """Describe it anew."""
        isolating.redescribe.over(version)(profile, values=values, by=by, now=now)

    @part("artefacts", shows=ArtefactOut, many=True)
    def artefacts(self, profile: IsolationProfile, *, now: datetime) -> Sequence[Prepared]:
        """Return the files as they are now; to look at them fetches none."""
        return isolating.prepare(profile, now=now)
