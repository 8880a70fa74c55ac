"""Requests for servers: asked by anybody with an account, looked at by analysts, granted with the approval."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access
from accounts.access import Capability
from accounts.models import Unit, User
from accounts.principals import Principal
from api.errors import UNKNOWN_REFERENCE
from api.fields import Body, Choice, Known, OptionalReason, Reason, Text
from api.steps import takes
from api.v1.assessments.assessments import MissingOut
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, part, step
from containment.clients import connecting
from containment.clients.connecting import Connection
from decisions.approvals import preview
from decisions.approvals.approval_needs import Missing
from intake import asking, availability, triage
from intake.lists import REQUESTS
from intake.models import WHAT_LIMIT, ServerRequest
from vendors.models import Fact, Server, Vendor


class RequestOut(Out):
    """A request for a server: what is asked, how far it is, and why it was declined or withdrawn."""

    unit = refs.UnitRef()
    server = refs.ServerRef()
    asked_by, taken_by, decided_by = refs.PersonRef(), refs.PersonRef(), refs.PersonRef()

    class Meta:
        model = ServerRequest
        fields = (
            "id", "ref", "unit", "what", "server", "purpose", "data_reached", "agent", "status", "asked_by", "asked_at",
            "taken_by", "taken_at", "decided_by", "decided_at", "reason",
        )  # fmt: skip


class UnitToAsk(serializers.UUIDField):
    """The id of a unit in which the caller may ask: one of theirs, without a role any."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the unit. Raises ValidationError, which names those that can be chosen."""
        key: UUID = super().to_internal_value(data)
        offered = asking.units(self.context["request"].user)
        unit: Unit | None = offered.filter(pk=key).first()
        if unit is None:
            named = ", ".join(f"{one} ({one.pk})" for one in offered)
            raise ValidationError(f"You may ask in: {named}.", code=UNKNOWN_REFERENCE)
        return unit


class RequestBody(Body):
    """What somebody wants: a registered server, or what the words of `what` name; and what it is for."""

    unit = UnitToAsk()
    what = Text(max_length=WHAT_LIMIT, required=False, help_text="name, address, package or number of a server")
    server = Known(Server, required=False, help_text="in place of what: a registered server that you may see")
    purpose = Text()
    data_reached = Choice(
        choices=Fact.choices, required=False, allow_blank=True, help_text="what data it would reach; empty: not known"
    )
    agent = Text(max_length=200)


class ServerChosen(Body):
    """Which server it is."""

    server = Known(Server)


class ServerToRegister(Body):
    """The server that is registered for the request; what it is for and what data it reaches the request says."""

    name = Text(help_text="registry name, e.g. com.example/weather")
    title = Text()
    publisher = Known(Vendor, required=False, allow_null=True)
    owner = Known(User, required=False, allow_null=True)


class ConnectionOut(serializers.Serializer[Connection]):
    """How agents connect to the server; nothing while nobody may use it."""

    entries: Any = serializers.DictField(help_text="by name, as most clients write them under mcpServers")
    variables: Any = serializers.ListField(
        child=serializers.CharField(), help_text="names of environment variables that each person sets"
    )
    left_out: Any = serializers.SerializerMethodField(help_text="what cannot be written for a client, and why")

    def get_left_out(self, found: Connection) -> list[str]:
        """Return each in a sentence."""
        return [f"{one.what}: {one.why}" for one in found.left_out]


class Requests(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[ServerRequest]):
    """Requests for servers: your own, and those of your units."""

    serializer_class, body_class = RequestOut, RequestBody
    of, orders = REQUESTS, ("-number",)

    def get_queryset(self) -> "QuerySet[ServerRequest]":
        """Return the requests that the caller may see."""
        rows = ServerRequest.objects.visible_to(self.person)
        return rows.select_related("unit", "server", "asked_by", "taken_by", "decided_by")

    @takes(asking.ask)
    def create(self, request: Request) -> Response:
        """Ask for a server; one that your unit may use, or that was stopped, is refused with the server."""
        facts = {"what": "", "data_reached": ""} | self.body(RequestBody)
        return self.made(asking.ask(**facts, by=self.by, now=timezone.now()))

    @step("take-up", takes=triage.take_up)
    def take_up(self, server_request: ServerRequest, *, by: Principal, now: datetime) -> None:
        """Look at it; whoever asked is told."""
        triage.take_up(server_request, by=by, now=now)

    @step("link", takes=triage.link, body=ServerChosen)
    def link(self, server_request: ServerRequest, *, by: Principal, now: datetime, server: Server) -> None:
        """Say which server it is about; if that may be used, the request is granted with it."""
        triage.link(server_request, server=server, by=by, now=now)

    @step("register", takes=triage.register, body=ServerToRegister)
    def register(self, server_request: ServerRequest, *, by: Principal, now: datetime, **data: Any) -> None:
        """Register the server that it is about."""
        triage.register(server_request, **data, by=by, now=now)

    @step("decline", takes=triage.decline, body=Reason)
    def decline(self, server_request: ServerRequest, *, by: Principal, now: datetime, reason: str) -> None:
        """Decline it, with the reason for whoever asked."""
        triage.decline(server_request, reason=reason, by=by, now=now)

    @step("withdraw", takes=asking.withdraw, body=OptionalReason)
    def withdraw(self, server_request: ServerRequest, *, by: Principal, now: datetime, reason: str = "") -> None:
        """Withdraw your own."""
        asking.withdraw(server_request, reason=reason, by=by, now=now)

    @part("missing", shows=MissingOut, many=True)
    def missing(self, server_request: ServerRequest, *, now: datetime) -> list[Missing]:
        """Return what an approval of its server would lack now; nothing before a server is known, or once it ended.

        It tells of answers, and so is for people of the unit.
        """
        access.require(self.person, Capability.READ, unit_id=server_request.unit_id)
        server = server_request.server
        if server is None or server_request.status not in ServerRequest.WAITING:
            return []
        return preview.missing_of_server(server, preview.judged(server), now=now)

    @part("connection", shows=ConnectionOut)
    def connection(self, server_request: ServerRequest, *, now: datetime) -> Connection:
        """Return how to connect to the server of a granted request, while it may be used."""
        return availability.connection(server_request, now=now) or connecting.NONE
