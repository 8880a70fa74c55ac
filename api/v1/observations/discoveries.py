"""What is in use: reports of machines, what their clients are configured with, and what of it nobody approved."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Unit
from accounts.principals import Principal
from api.fields import Body, Choice, Known, Reason, Text
from api.parsers import ReportParser
from api.steps import takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step
from discovery import applying, incoming, triage
from discovery.lists import CONFIGURED_SERVERS, DISCOVERIES, UNAPPROVED_USES
from discovery.models import ConfiguredServer, Discovery, Standing, UnapprovedUse
from riskregister.refusals import Refused
from vendors.models import Server


class Unread(serializers.Serializer[Any]):
    """What could not be read: an entry by its name, or (no name) a whole file, and why."""

    client = serializers.CharField(read_only=True)
    place = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    why = serializers.CharField(read_only=True)


class DiscoveryOut(Out):
    """A report of a machine, from the first time that it said this to the last."""

    unit = refs.UnitRef()
    machine = serializers.CharField(source="machine.label", read_only=True)
    sent_by = refs.PersonRef()
    unread = Unread(many=True)

    class Meta:
        model = Discovery
        fields = (
            "id", "unit", "machine", "via", "sent_by", "digest", "entries", "unapproved", "gone", "unread", "first_at",
            "last_at",
        )  # fmt: skip


class DiscoveryBody(Body):
    """What the script sends, or files as they lie on the machine.

    A file has `client`, `entries` and `unread` as the script writes them, or `path` and `text`.
    """

    format = Choice(choices=["mcp-discovery/1"], required=False)
    unit = Known(Unit, required=False, help_text="whose machine it is; may be left out by who may send for one alone")
    machine = Text(max_length=incoming.MACHINE_LIMIT, help_text="its label, the same each time")
    looked_for: Any = serializers.ListField(
        child=Text(max_length=incoming.CLIENT_LIMIT), required=False, max_length=100,
        help_text="clients whose configurations are all here, found or not: what is not named any more is gone",
    )  # fmt: skip
    files: Any = serializers.ListField(child=serializers.DictField(), max_length=1000)


class ConfiguredServerOut(Out):
    """A server in the configuration of a client on a machine. `variables` and `headers` are names, never values.

    `standing` is what the register says of it today.
    """

    unit = refs.UnitRef()
    machine = serializers.CharField(source="machine.label", read_only=True)
    standing = Choice(choices=Standing.choices, read_only=True)
    server = serializers.UUIDField(
        source="known_key", read_only=True, allow_null=True, help_text="the server of the register that it is"
    )

    class Meta:
        model = ConfiguredServer
        fields = (
            "id", "unit", "machine", "client", "place", "name", "identity", "registry", "package", "version",
            "stated_version", "is_pinned", "command", "variables", "headers", "standing", "server", "first_seen_at",
            "last_seen_at", "gone_at",
        )  # fmt: skip


class UnapprovedUseOut(Out):
    """Something that is used and was not approved when it was first seen; on how many machines it is there still."""

    unit = refs.UnitRef()
    server = refs.ServerRef()
    decided_by = refs.PersonRef()
    machines = serializers.IntegerField(read_only=True, help_text="on how many it is configured")

    class Meta:
        model = UnapprovedUse
        fields = (
            "id", "ref", "unit", "identity", "registry", "package", "name", "status", "machines", "server", "reason",
            "watched_until", "decided_by", "decided_at", "told_again_at", "first_seen_at",
        )  # fmt: skip


class RegisterBody(Body):
    """What the server is called from now on."""

    name = Text(help_text="registry name, e.g. com.example/weather")
    title = Text()
    purpose = Text(required=False)


class LinkBody(Body):
    """Which server of the unit it is."""

    server = Known(Server)


class WatchBody(Body):
    """Until which day it is let be, and why."""

    until = serializers.DateField()
    reason = Text(required=False)


class Discoveries(ListModelMixin, RetrieveModelMixin, Noun[Discovery]):
    """Reports of machines."""

    serializer_class, body_class = DiscoveryOut, DiscoveryBody
    parser_classes = (ReportParser,)
    of, orders = DISCOVERIES, ("-last_at",)

    def get_queryset(self) -> "QuerySet[Discovery]":
        """Return the reports that the caller may see."""
        return Discovery.objects.visible_to(self.person).select_related("unit", "machine", "sent_by")

    @takes(applying.receive)
    def create(self, request: Request) -> Response:
        """Take what was found on a machine; the same again is the same report, seen again."""
        data = self.body(DiscoveryBody)
        unit = data.pop("unit", None) or self._only_unit()
        read, now = incoming.of_document(data), timezone.now()
        return self.made(applying.receive(read, unit=unit, via=Discovery.Via.API, by=self.by, now=now))

    def _only_unit(self) -> Unit:
        units = list(applying.receive.units(self.person)[:2])
        if len(units) != 1:
            raise Refused("Say whose machine it is: the id of a unit.", field="unit")
        return units[0]


class ConfiguredServers(ListModelMixin, RetrieveModelMixin, Noun[ConfiguredServer]):
    """What clients on machines are configured with."""

    serializer_class = ConfiguredServerOut
    of, orders = CONFIGURED_SERVERS, ("-last_seen_at",)

    def get_queryset(self) -> "QuerySet[ConfiguredServer]":
        """Return those that the caller may see, with what the register says of each today."""
        seen = ConfiguredServer.objects.visible_to(self.person).with_standing(today=timezone.localdate())
        return seen.select_related("unit", "machine")


class UnapprovedUses(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[UnapprovedUse]):
    """What is used and was not approved."""

    serializer_class = UnapprovedUseOut
    of, orders = UNAPPROVED_USES, ("-number",)

    def get_queryset(self) -> "QuerySet[UnapprovedUse]":
        """Return those that the caller may see."""
        seen = UnapprovedUse.objects.visible_to(self.person).with_machines()
        return seen.select_related("unit", "server", "decided_by")

    @step("register", takes=triage.register, body=RegisterBody)
    def register(self, use: UnapprovedUse, *, by: Principal, now: datetime, **data: Any) -> None:
        """Make a requested server of it."""
        triage.register(use, **{"purpose": ""} | data, by=by, now=now)

    @step("link", takes=triage.link, body=LinkBody)
    def link(self, use: UnapprovedUse, *, by: Principal, now: datetime, server: Server) -> None:
        """Say which server of the unit it is."""
        triage.link(use, server=server, by=by, now=now)

    @step("deny", takes=triage.deny, body=Reason)
    def deny(self, use: UnapprovedUse, *, by: Principal, now: datetime, reason: str) -> None:
        """Say that the use must end."""
        triage.deny(use, reason=reason, by=by, now=now)

    @step("watch", takes=triage.watch, body=WatchBody)
    def watch(self, use: UnapprovedUse, *, by: Principal, now: datetime, until: date, reason: str = "") -> None:
        """Let it be until a day, after which it waits for a decision again."""
        triage.watch(use, until=until, reason=reason, by=by, now=now)
