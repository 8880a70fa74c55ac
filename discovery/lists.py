"""How what was found is listed."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.filters import UnitKey
from discovery.models import ConfiguredServer, Discovery, Standing, UnapprovedUse
from riskregister.filters import Choice, Exact, Flag, Key, Searchable
from riskregister.lists import Column, Kind, List, Where
from vendors.models import Server


class ConfiguredServerFilters(Searchable):
    """Which configured servers."""

    on_page = ("search", "standing", "is_there", "is_pinned", "unit")

    standing = Choice(
        label="Standing", empty="Any standing", choices=Standing.choices, method="by_standing",
        help_text="by the approvals of today",
    )  # fmt: skip
    is_there = Flag(field_name="gone_at", lookup_expr="isnull", label="Seen", yes="Still there", no="Gone")
    is_pinned = Flag(label="Version", yes="Fixed", no="Not fixed")
    unit = UnitKey()
    client = Exact(label="Client")
    machine = Exact(field_name="machine__label", label="Machine", help_text="its label")
    identity = Exact(label="What it is", help_text="e.g. npm:@scope/name, or an address")
    server = Key(
        label="Server", rows=Server.objects.visible_to, only_asked=True, method="by_server",
        help_text="that it is known as in its unit",
    )  # fmt: skip

    def by_standing(self, rows: Any, name: str, words: list[str]) -> QuerySet[ConfiguredServer]:
        """Return those that stand in one of the ways today."""
        return rows.standing_as(words, today=self.today)  # type: ignore[no-any-return]

    def by_server(self, rows: Any, name: str, value: UUID) -> QuerySet[ConfiguredServer]:
        """Return those that a server is known as."""
        return rows.of_server(value)  # type: ignore[no-any-return]

    def as_shown(self, rows: Any) -> QuerySet[ConfiguredServer]:
        """Return them with what the register says of each today as columns."""
        return rows.with_standing(today=self.today)  # type: ignore[no-any-return]

    def filter_queryset(self, queryset: Any) -> QuerySet[ConfiguredServer]:
        """Return those that fit, with the same columns."""
        return super().filter_queryset(self.as_shown(queryset))  # type: ignore[no-any-return]


def _configured(user: Any) -> QuerySet[ConfiguredServer]:
    return ConfiguredServer.objects.visible_to(user).select_related("machine", "unit")


CONFIGURED_SERVERS = List(
    word="configured servers",
    rows=_configured,
    filters=ConfiguredServerFilters,
    columns=(
        Column("Server", "name", Kind.TITLE, sub="what"),
        Column("What it is", "identity", where=Where.FILE),
        Column("Version", "stated_version", where=Where.FILE),
        Column("Machine", "machine.label", Kind.TEXT, sub="unit.name", field="machine"),
        # The file stands on the page of the row: a path takes half of the table.
        Column("Client", "client", Kind.SHORT),
        Column("Place", "place", where=Where.FILE),
        Column("Unit", "unit.name", where=Where.FILE),
        Column("Standing", "standing", Kind.BADGE, looks="standing", field="standing"),
        Column(
            "Registered as",
            "known_title",
            Kind.TEXT,
            to=("server-detail", "known_key"),
            field="",
        ),
        Column("Runs", "fixed", where=Where.FILE, field=""),
        Column("First seen", "first_seen_at", Kind.MOMENT, where=Where.FILE),
        Column("Last seen", "last_seen_at", Kind.AGO, sub="gone", sort="-last_seen_at"),
        Column("Gone since", "gone_at", Kind.MOMENT, where=Where.FILE),
    ),
    sorts={"last_seen_at": "last_seen_at id"},
    default="-last_seen_at",
)


class UnapprovedUseFilters(Searchable):
    """Which unapproved uses."""

    on_page = ("search", "status", "waits", "unit")

    status = Choice(label="State", empty="Any state", choices=UnapprovedUse.Status.choices)
    waits = Flag(
        label="Waits", method="by_waiting", yes="For a decision", help_text="in use today, not approved, and undecided"
    )
    unit = UnitKey()

    def by_waiting(self, rows: Any, name: str, value: Any) -> QuerySet[UnapprovedUse]:
        """Return those that wait for a decision, or all others."""
        if value is None:
            return rows  # type: ignore[no-any-return]
        return rows.waiting(today=self.today) if value else rows.not_waiting(today=self.today)  # type: ignore[no-any-return]


def _uses(user: Any) -> QuerySet[UnapprovedUse]:
    return UnapprovedUse.objects.visible_to(user).with_machines().select_related("unit", "server", "decided_by")


UNAPPROVED_USES = List(
    word="unapproved uses",
    rows=_uses,
    filters=UnapprovedUseFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("What it is", "identity", Kind.TITLE, sub="unit.name"),
        Column("Called", "name", Kind.TEXT),
        Column("State", "status", Kind.BADGE, looks="unapproved use"),
        Column("Machines", "machines", Kind.NUMBER),
        Column("Watched until", "watched_until", Kind.DAY),
        Column("Server", "server.title", Kind.TEXT, to=("server-detail", "server.pk")),
        Column("First seen", "first_seen_at", Kind.MOMENT),
    ),
    sorts={"number": "number"},
    default="-number",
)


class DiscoveryFilters(Searchable):
    """Which reports of machines."""

    on_page = ("search", "via", "unit")

    via = Choice(label="Came by", empty="Any way", choices=Discovery.Via.choices)
    unit = UnitKey()


def _discoveries(user: Any) -> QuerySet[Discovery]:
    return Discovery.objects.visible_to(user).select_related("machine", "unit", "sent_by")


DISCOVERIES = List(
    word="reports of machines",
    rows=_discoveries,
    filters=DiscoveryFilters,
    columns=(
        Column("Machine", "machine.label", Kind.TITLE, sub="unit.name", field="machine"),
        Column("Servers", "entries", Kind.NUMBER),
        Column("New, not approved", "unapproved", Kind.NUMBER),
        Column("Gone", "gone", Kind.NUMBER),
        Column("Not read", "unread_count", Kind.NUMBER, field=""),
        Column("Came by", "get_via_display", Kind.WORDS),
        Column("Sent by", "sent_by.name", Kind.PERSON, empty="A command"),
        Column("First", "first_at", Kind.MOMENT, where=Where.FILE),
        Column("Last", "last_at", Kind.MOMENT, sort="-last_at"),
    ),
    sorts={"last_at": "last_at id"},
    default="-last_at",
)
