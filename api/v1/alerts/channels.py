"""Channels: receivers that are told of what happens; and the messages to them, with every try."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Unit
from accounts.principals import Principal
from alerts import posting
from alerts.channels import managing
from alerts.lists import CHANNELS, MESSAGES
from alerts.models import Attempt, Channel, Message, Telling
from api.description.described import described
from api.fields import Body, Choice, Known, Reason, Text
from api.steps import takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.v1.findings.findingrows import SeverityIfAny
from api.views import Noun, part, step

_FORM: Any = {"choices": Channel.Form.choices, "required": False, "help_text": "of syslog, and of nothing else"}


class ChannelOut(Out):
    """A channel: `place` is how it is reached, host and port; the rest of its address nobody reads again."""

    unit = refs.UnitRef()
    opened_by = refs.PersonRef()

    class Meta:
        model = Channel
        fields = (
            "id", "ref", "unit", "name", "kind", "form", "place", "status", "former_until", "rests_until", "opened_by",
            "opened_at",
        )  # fmt: skip


class ChannelMade(ChannelOut):
    """A new channel with its secret, which is shown this once; it is empty for all but signed webhooks."""

    secret = serializers.CharField()

    class Meta:
        model = Channel
        fields = (*ChannelOut.Meta.fields, "secret")


class Secret(serializers.Serializer[Any]):
    """The new secret, shown this once."""

    secret = serializers.CharField()


class ChannelEdit(Body):
    """What it is called, another address (none: it stays), and of syslog the form of its lines."""

    name = Text(max_length=120)
    address = Text(max_length=managing.ADDRESS_LIMIT, required=False)
    form = Choice(**_FORM)


class ChannelBody(Body):
    """Whose it is (no unit: the whole organisation's), what is at the other end, and where."""

    unit = Known(Unit, required=False, allow_null=True, default=None)
    name = Text(max_length=120)
    kind = Choice(choices=Channel.Kind.choices)
    address = Text(max_length=managing.ADDRESS_LIMIT)
    form = Choice(**_FORM)


class Channels(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Channel]):
    """Receivers that rules tell of what happens."""

    serializer_class, body_class = ChannelOut, ChannelBody
    of, orders = CHANNELS, ("-number",)
    keeps_answers = False

    def get_queryset(self) -> "QuerySet[Channel]":
        """Return the channels that the caller may see."""
        return Channel.objects.visible_to(self.person).select_related("unit", "opened_by")

    @takes(managing.open_channel)
    @described(responses={201: ChannelMade})
    def create(self, request: Request) -> Response:
        """Open a channel; of a signed webhook the secret cannot be had again."""
        data = {"form": "", **self.body(ChannelBody)}
        channel, secret = managing.open_channel(**data, by=self.by, now=timezone.now())
        return Response(ChannelOut(channel).data | {"secret": secret}, status=201)

    @step("change", takes=managing.change, body=ChannelEdit)
    def change(self, channel: Channel, *, by: Principal, now: datetime, version: str | None, **data: Any) -> None:
        """Call it otherwise, or move it to another address; what waits for it goes there."""
        managing.change.over(version)(channel, **{"address": "", "form": "", **data}, by=by, now=now)

    @step("rotate", takes=managing.rotate, shows=Secret)
    def rotate(self, channel: Channel, *, by: Principal, now: datetime) -> dict[str, str]:
        """Exchange the secret of a signed webhook; the former one signs too for two days."""
        return {"secret": managing.rotate(channel, by=by, now=now)[1]}

    @step("end-former", takes=managing.end_former)
    def end_former(self, channel: Channel, *, by: Principal, now: datetime) -> None:
        """Let the former secret sign no more."""
        managing.end_former(channel, by=by, now=now)

    @step("try", takes=managing.try_out)
    def try_out(self, channel: Channel, *, by: Principal, now: datetime) -> None:
        """Send a trial; what comes of it stands among its messages."""
        managing.try_out(channel, by=by, now=now)

    @step("replay", takes=managing.replay)
    def replay(self, channel: Channel, *, by: Principal, now: datetime) -> None:
        """Send again what was given up, each under its id, the oldest first; 200 at most, then ask once more."""
        managing.replay(channel, by=by, now=now)

    @step("retire", takes=managing.retire, body=Reason)
    def retire(self, channel: Channel, *, by: Principal, now: datetime, **data: Any) -> None:
        """Tell it of nothing any more."""
        managing.retire(channel, by=by, now=now, **data)


class ChannelRef(Out):
    """A channel."""

    class Meta:
        model = Channel
        fields = ("id", "ref", "name", "kind")


class TellingOut(Out):
    """An event that the message tells of, and how bad it was; null: nobody knows."""

    severity = SeverityIfAny()

    class Meta:
        model = Telling
        fields = ("event_id", "title", "note", "severity", "pace", "object_type", "object_id")


class AttemptOut(Out):
    """A try to deliver: `answer` is the status of HTTP where there was one; no error: it was delivered."""

    class Meta:
        model = Attempt
        fields = ("at", "took_ms", "answer", "error")


class MessageOut(Out):
    """What a channel is told at once, and where that is."""

    channel = ChannelRef()
    tellings = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = (
            "id", "channel", "kind", "status", "promised_at", "send_after", "attempts", "error", "sent_at", "tellings",
        )  # fmt: skip

    @extend_schema_field(TellingOut(many=True))
    def get_tellings(self, message: Message) -> Any:
        """Return what it tells."""
        return TellingOut(message.tellings.all(), many=True).data


class Messages(ListModelMixin, RetrieveModelMixin, Noun[Message]):
    """Which channel was told of what, when, and what came of it."""

    serializer_class = MessageOut
    of, orders = MESSAGES, ("-promised_at",)

    def get_queryset(self) -> "QuerySet[Message]":
        """Return the messages to the channels that the caller may see."""
        return Message.objects.visible_to(self.person).select_related("channel__unit").prefetch_related("tellings")

    @part("tries", shows=AttemptOut, many=True)
    def tries(self, message: Message, *, now: datetime) -> "QuerySet[Attempt]":
        """Return every try to deliver it, the first one first."""
        return message.tries.all()

    @step("replay", takes=posting.replay)
    def replay(self, message: Message, *, by: Principal, now: datetime) -> None:
        """Send it again under its id: what was given up, or what the receiver has lost."""
        posting.replay(message, by=by, now=now)
