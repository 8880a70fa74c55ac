"""How contracts are listed."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.filters import PersonKey
from accounts.models import User
from contracts.models import Contract, LegalProfile, Service
from riskregister.filters import Choice, Day, FilterSet, Key, Searchable
from riskregister.lists import Column, Kind, List, Where
from vendors.models import Server, Vendor


def owners(user: Any) -> "QuerySet[User]":
    """Return the people who own a contract; one look into an index each."""
    owned = Contract.objects.visible_to(user).filter(owner=OuterRef("pk"))
    return User.objects.filter(Exists(owned)).order_by("name").only("name")


class ContractFilters(Searchable):
    """Which contracts."""

    on_page = ("search", "status", "kind", "renewal", "owner", "notice_before", "ends_before")
    ranges = {"ends_before": "ends_on", "notice_before": "notice_by"}
    groups = {"live": ("Active or under review", Contract.LIVE)}

    status = Choice(label="State", empty="Any state", choices=Contract.Status.choices, groups=groups)
    kind = Choice(label="Kind", empty="Any kind", choices=Contract.Kind.choices)
    renewal = Choice(label="At its end", empty="Anything", choices=Contract.Renewal.choices)
    vendor = Key(field_name="vendor_id", label="Vendor", rows=Vendor.objects.visible_to, only_asked=True)
    parent = Key(field_name="parent_id", label="Under", rows=Contract.objects.visible_to, only_asked=True)
    owner = PersonKey(field_name="owner_id", label="Owner", people=owners)
    ends_before = Day(field_name="ends_on", lookup_expr="lt", label="Ends before")
    notice_before = Day(field_name="notice_by", lookup_expr="lt", label="Notice before")


def _rows(user: Any) -> "QuerySet[Contract]":
    rows = Contract.objects.visible_to(user).select_related("vendor", "owner")
    # A contract and its vendor have sixty columns, of which the list shows these.
    own = ("title", "reference", "notice_by", "review_on", "yearly_value", "currency")
    return rows.with_terms(*own, "vendor__name", "owner__name")


def _term(row: Contract, today: date) -> date | None:
    return row.term_end(today=today)


def _notice(row: Contract, today: date) -> date | None:
    return row.notice_day(today=today)


def _runs(row: Contract, _today: date) -> bool:
    return row.status in Contract.LIVE


def _is_undecided(row: Contract, today: date) -> bool:
    return row.is_undecided(today=today)


CONTRACTS = List(
    word="contracts",
    rows=_rows,
    filters=ContractFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Contract", "title", Kind.TITLE, sort="title", sub="reference"),
        Column("Vendor", "vendor.name", Kind.TEXT, to=("vendor-detail", "vendor_id")),
        Column("Kind", "get_kind_display", Kind.WORDS),
        Column("State", "status", Kind.BADGE, looks="contract"),
        Column("At its end", "get_renewal_display", Kind.WORDS),
        Column("Term ends", _term, Kind.DUE, sort="ends_on", empty="Open", field="term_ends_on", matters=_runs),
        Column("Notice by", _notice, Kind.DUE, sort="notice_by", field="notice_by", matters=_is_undecided),
        Column("Review", "review_on", Kind.DUE, sort="review_on", matters=_runs),
        Column("Owner", "owner.name", Kind.PERSON, empty="Nobody"),
        Column("A year", "yearly_value", Kind.NUMBER, where=Where.FILE),
        Column("Currency", "currency", where=Where.FILE),
    ),
    sorts={
        "number": "number",
        "title": "title number",
        "ends_on": "ends_on? number",
        "notice_by": "notice_by? number",
        "review_on": "review_on? number",
    },
    default="-number",
)


def services(user: Any) -> "QuerySet[Service]":
    """Return what contracts cover, but servers of units that the person does not see."""
    seen = Q(server=None) | Q(server__in=Server.objects.visible_to(user).values("pk"))
    return Service.objects.filter(seen).select_related("server")


class LegalProfileFilters(FilterSet):
    """Which legal profiles."""

    unit = Key(field_name="unit_id", label="Unit")


def _profiles(user: Any) -> "QuerySet[LegalProfile]":
    return LegalProfile.objects.visible_to(user).select_related("unit", "written_by")


LEGAL_PROFILES = List(
    word="legal profiles", rows=_profiles, filters=LegalProfileFilters, sorts={"id": "id"}, default="id"
)
