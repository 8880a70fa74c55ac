"""How indicators, what they hit, watch lists, observed egress and what is passed on are listed."""

from typing import Any

from django.db.models import QuerySet

from accounts.filters import UnitKey
from intelligence.models import EgressContact, EgressLog, Indicator, IndicatorHit, Share, WatchEntry
from intelligence.models.indicator import KINDS, STANDINGS, TLPS
from riskregister.filters import Choice, FilterSet, Flag, Key, Searchable
from riskregister.lists import Column, List, Where
from riskregister.lists import Kind as Shows
from vendors.models import Server, Vendor


class IndicatorFilters(Searchable):
    """Which indicators."""

    on_page = ("search", "kind", "standing")

    kind = Choice(label="Names", empty="Anything", choices=KINDS)
    standing = Choice(label="State", empty="Any state", choices=STANDINGS.items(), help_text="at this moment")
    tlp = Choice(label="Marking", empty="Any marking", choices=TLPS)
    feed = Key(field_name="feed_id", label="Feed")

    def as_shown(self, rows: Any) -> QuerySet[Indicator]:
        """Return them with how each stands at this moment as a column."""
        return rows.with_standing(now=self.now)  # type: ignore[no-any-return]

    def filter_queryset(self, queryset: Any) -> QuerySet[Indicator]:
        """Return those that fit, with the same column."""
        return super().filter_queryset(self.as_shown(queryset))  # type: ignore[no-any-return]


def _indicators(user: Any) -> QuerySet[Indicator]:
    return Indicator.objects.visible_to(user).select_related("feed")


INDICATORS = List(
    word="indicators",
    rows=_indicators,
    filters=IndicatorFilters,
    columns=(
        Column("Says", "title", Shows.TITLE, sub="value"),
        Column("Names", "get_kind_display", Shows.SHORT, empty="Nothing that can be met"),
        Column("Value", "value", where=Where.FILE),
        Column("Feed", "feed.name", Shows.WORDS),
        Column("Id in the feed", "external_id", where=Where.FILE),
        Column("Confidence", "confidence", Shows.NUMBER, empty="Not said"),
        Column("Marking", "tlp", Shows.BADGE, looks="marking", empty="No marking"),
        Column("State", "standing", Shows.BADGE, looks="indicator", field="standing"),
        Column("Valid until", "valid_until", Shows.MOMENT, where=Where.FILE),
        Column("Taken in", "taken_at", Shows.AGO, sort="-taken_at"),
    ),
    sorts={"taken_at": "taken_at id"},
    default="-taken_at",
)


class IndicatorHitFilters(FilterSet):
    """Which hits."""

    on_page = ("where", "is_there", "unit")

    where = Choice(label="What is met", empty="Anything", choices=IndicatorHit.Where.choices)
    is_there = Flag(field_name="gone_at", lookup_expr="isnull", label="Seen", yes="Met now", no="Not any more")
    unit = UnitKey(field_name="server__unit_id")
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)
    indicator = Key(field_name="indicator_id", label="Indicator", rows=Indicator.objects.visible_to, only_asked=True)


def _hits(user: Any) -> QuerySet[IndicatorHit]:
    rows = IndicatorHit.objects.visible_to(user)
    return rows.select_related("server", "server__unit", "indicator", "indicator__feed", "observation__finding")


HITS = List(
    word="hits",
    rows=_hits,
    filters=IndicatorHitFilters,
    columns=(
        Column("What is met", "matched", Shows.TITLE, sub="get_where_display"),
        Column("Server", "server.title", Shows.TEXT, sub="server.unit.name", to=("server-detail", "server_id")),
        Column("Says", "indicator.title", Shows.TEXT, sub="indicator.feed.name",
               to=("indicator-detail", "indicator_id")),
        Column("Confidence", "indicator.confidence", Shows.NUMBER, empty="Not said"),
        Column("State", "state", Shows.BADGE, looks="indicator hit"),
        Column("Finding", "observation.finding.ref", Shows.TEXT, to=("finding-detail", "observation.finding_id"),
               field="finding.ref"),
        Column("First met", "first_seen_at", Shows.AGO, sort="-first_seen_at"),
    ),
    sorts={"first_seen_at": "first_seen_at id"},
    default="-first_seen_at",
)  # fmt: skip


class WatchEntryFilters(Searchable):
    """Which entries of watch lists."""

    on_page = ("search", "status", "kind")

    status = Choice(label="State", empty="Any state", choices=WatchEntry.Status.choices)
    kind = Choice(label="What was learnt", empty="Anything", choices=WatchEntry.Kind.choices)
    vendor = Key(field_name="vendor_id", label="Vendor", rows=Vendor.objects.visible_to, only_asked=True)
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)


def _entries(user: Any) -> QuerySet[WatchEntry]:
    return WatchEntry.objects.visible_to(user).select_related("unit", "server", "vendor", "noted_by", "settled_by")


WATCH_ENTRIES = List(
    word="watch entries",
    rows=_entries,
    filters=WatchEntryFilters,
    columns=(
        Column("Number", "ref", Shows.REF, sort="-number"),
        Column("What was learnt", "title", Shows.TITLE, sub="get_kind_display"),
        Column("About", lambda row, _today: str(row.subject), Shows.TEXT, field=""),
        Column("Says", "source", Shows.TEXT),
        Column("State", "status", Shows.BADGE, looks="watch entry"),
        Column("Marking", "tlp", Shows.BADGE, looks="marking", empty="No marking"),
        Column("Happened on", "happened_on", Shows.DAY),
        Column("Noted", "noted_at", Shows.AGO),
    ),
    sorts={"number": "number"},
    default="-number",
)


class EgressLogFilters(FilterSet):
    """Which logs of egress."""

    on_page = ("unit",)

    unit = UnitKey(field_name="server__unit_id")
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)


def _logs(user: Any) -> QuerySet[EgressLog]:
    rows = EgressLog.objects.visible_to(user)
    return rows.select_related("server", "server__unit", "deployment", "taken_by")


EGRESS_LOGS = List(
    word="logs of egress",
    rows=_logs,
    filters=EgressLogFilters,
    columns=(
        Column("Server", "server.title", Shows.TITLE, sub="server.unit.name", field="server.title"),
        Column("Deployment", "deployment.name", Shows.TEXT, empty="Not told"),
        Column("Form", "form", Shows.SHORT),
        Column("Of", "client", Shows.TEXT, empty="All"),
        Column("Contacts", "contacts_read", Shows.NUMBER),
        Column("Hosts", "hosts", Shows.NUMBER),
        Column("Not read", "unread", Shows.NUMBER),
        Column("Taken by", "taken_by.name", Shows.PERSON, empty="A command"),
        Column("Taken", "taken_at", Shows.MOMENT, sort="-taken_at"),
    ),
    sorts={"taken_at": "taken_at id"},
    default="-taken_at",
)


class EgressContactFilters(FilterSet):
    """Which hosts that servers contacted."""

    on_page = ("was_let", "unit")

    was_let = Flag(label="Outcome", yes="Let through", no="Refused")
    unit = UnitKey(field_name="server__unit_id")
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)


def _contacts(user: Any) -> QuerySet[EgressContact]:
    return EgressContact.objects.visible_to(user).select_related("server", "server__unit", "deployment")


CONTACTS = List(
    word="observed egress",
    rows=_contacts,
    filters=EgressContactFilters,
    columns=(
        Column("Host", "host", Shows.HEADING),
        Column("Port", "port", Shows.NUMBER),
        Column("Server", "server.title", Shows.TEXT, sub="server.unit.name", to=("server-detail", "server_id")),
        Column("Deployment", "deployment.name", Shows.TEXT, empty="Not told"),
        Column("Let through", "was_let", Shows.FLAG),
        Column("Times", "count", Shows.NUMBER),
        Column("First seen", "first_seen_at", Shows.MOMENT),
        Column("Last seen", "last_seen_at", Shows.AGO, sort="-last_seen_at"),
    ),
    sorts={"last_seen_at": "last_seen_at id"},
    default="-last_seen_at",
)


class ShareFilters(Searchable):
    """Which of what was passed on."""

    on_page = ("search", "tlp", "unit")

    tlp = Choice(label="Marking", empty="Any marking", choices=TLPS)
    unit = UnitKey()


def _shares(user: Any) -> QuerySet[Share]:
    return Share.objects.visible_to(user).select_related("unit", "decided_by")


SHARES = List(
    word="shares",
    rows=_shares,
    filters=ShareFilters,
    columns=(
        Column("Number", "ref", Shows.REF, sort="-number"),
        Column("To", "recipient", Shows.TITLE, sub="unit.name"),
        Column("Marking", "tlp", Shows.BADGE, looks="marking"),
        Column("Hits", "hits", Shows.NUMBER),
        Column("Watch entries", "entries", Shows.NUMBER),
        Column("Findings", "findings", Shows.NUMBER),
        Column("Decided by", "decided_by.name", Shows.PERSON),
        Column("Decided", "decided_at", Shows.MOMENT),
    ),
    sorts={"number": "number"},
    default="-number",
)
