"""How the alerts of an inbox, channels, the messages to them, and rules are listed."""

from typing import Any

from django.db.models import QuerySet

from accounts.filters import UnitKey
from alerts.models import Alert, AlertRule, Channel, Message
from alerts.rules import wording
from riskregister.filters import Choice, FilterSet, Flag, Key, Searchable
from riskregister.lists import Column, Kind, List, Where


class AlertFilters(FilterSet):
    """Which alerts."""

    is_unread = Flag(field_name="read_at", lookup_expr="isnull", label="Read", yes="Unread", no="Read")
    is_settled = Flag(
        field_name="settled_at", lookup_expr="isnull", exclude=True, label="Settled", yes="Settled", no="Not settled"
    )
    is_action = Flag(field_name="is_action", label="Kind", yes="To do", no="To know")


ALERTS = List(
    word="alerts",
    rows=Alert.objects.visible_to,
    filters=AlertFilters,
    sorts={"created_at": "created_at id"},
    default="-created_at",
)


class ChannelFilters(Searchable):
    """Which channels."""

    on_page = ("search", "kind", "status", "unit")

    kind = Choice(label="Kind", empty="Any kind", choices=Channel.Kind.choices)
    status = Choice(label="State", empty="Any state", choices=Channel.Status.choices)
    unit = UnitKey()


def _channels(user: Any) -> QuerySet[Channel]:
    return Channel.objects.visible_to(user).select_related("unit", "opened_by")


CHANNELS = List(
    word="channels",
    rows=_channels,
    filters=ChannelFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Name", "name", Kind.TITLE, sub="whose"),
        Column("Kind", "get_kind_display", Kind.WORDS),
        Column("Reached at", "place", Kind.SHORT),
        Column("State", "status", Kind.BADGE, looks="channel"),
        Column("Opened", "opened_at", Kind.MOMENT),
        Column("By", "opened_by.name", Kind.PERSON),
    ),
    sorts={"number": "number"},
    default="-number",
)


class MessageFilters(FilterSet):
    """Which messages."""

    on_page = ("status", "kind", "channel")

    status = Choice(label="State", empty="Any state", choices=Message.Status.choices)
    kind = Choice(label="Kind", empty="Any kind", choices=Message.Kind.choices)
    channel = Key(field_name="channel_id", label="Channel", rows=Channel.objects.visible_to)


def _messages(user: Any) -> QuerySet[Message]:
    return Message.objects.visible_to(user).select_related("channel__unit").prefetch_related("tellings")


def title_of(row: Message) -> str:
    """Return in a line what a message tells."""
    titles = [one.title for one in row.tellings.all()]
    if not titles:
        return str(row.get_kind_display())
    return titles[0] if len(titles) == 1 else f"{titles[0]} and {len(titles) - 1} more"


MESSAGES = List(
    word="messages",
    rows=_messages,
    filters=MessageFilters,
    columns=(
        Column("Tells", lambda row, _: title_of(row), Kind.TITLE, sub="channel.ref", field=""),
        Column("Channel", "channel.name", Kind.WORDS),
        Column("Kind", "get_kind_display", Kind.WORDS),
        Column("State", "status", Kind.BADGE, looks="message"),
        Column("Tries", "attempts", Kind.NUMBER),
        Column("What went wrong", "error", Kind.PROSE, cut=20),
        Column("Promised", "promised_at", Kind.MOMENT, sort="-promised_at"),
        Column("Delivered", "sent_at", Kind.MOMENT, where=Where.FILE),
    ),
    sorts={"promised_at": "promised_at id"},
    default="-promised_at",
)


class AlertRuleFilters(Searchable):
    """Which rules."""

    on_page = ("search", "status", "unit")

    status = Choice(label="State", empty="Any state", choices=AlertRule.Status.choices)
    unit = UnitKey()


def _rules(user: Any) -> QuerySet[AlertRule]:
    rows = AlertRule.objects.visible_to(user).select_related("unit", "vendor", "written_by")
    return rows.prefetch_related("people", "channels")


ALERT_RULES = List(
    word="alert rules",
    rows=_rules,
    filters=AlertRuleFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Name", "name", Kind.TITLE, sub="whose"),
        Column("Says", lambda row, _: wording.sentence(row), Kind.PROSE, cut=60, field="words"),
        Column("State", "status", Kind.BADGE, looks="alert rule", sub="broken_why", cut=20),
        Column("Its filter is broken", "broken_why", where=Where.FILE),
        Column("Written", "written_at", Kind.MOMENT),
        Column("By", "written_by.name", Kind.PERSON),
    ),
    sorts={"number": "number"},
    default="-number",
)
