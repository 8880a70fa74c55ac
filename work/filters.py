"""Which servers and vendors a list shows, by what every room below knows of them."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import access
from accounts.filters import PersonKey, UnitKey
from accounts.models import User
from decisions.lists import residual_by_rank
from decisions.models import Approval
from riskregister import tags
from riskregister.filters import Choice, Exact, Flag, Key, Number, One, Searchable
from riskregister.queries import distinct, narrowing
from riskregister.queries.searching import with_words
from riskregister.refusals import Refused
from vendors.lists import TIERS
from vendors.models import Criticality, Server, ServerSupplier, ServerTag, Vendor
from vendors.models import Kind as Supplies

APPROVALS = [("in_date", "In date"), ("missing", "Not in date"), ("expired", "Expired"), ("none", "None")]


class ServerFilters(Searchable):
    """Which servers."""

    on_page = ("search", "unit", "status", "inherent_tier", "residual", "is_in_use", "approval", "got_worse", "tag")

    unit = UnitKey()
    status = Choice(
        label="Status",
        empty="Any status",
        choices=Server.Status.choices,
        groups={
            "current": (
                "Not retired or rejected",
                [status for status in Server.Status if status not in Server.OUT_OF_USE],
            )
        },
        offered=("current", *Server.Status.values),
    )
    inherent_tier = One(field_name="inherent_tier", label="Tier", empty="Any tier", choices=TIERS, stored=int)
    residual = residual_by_rank("rating__residual_rank")
    is_in_use = Flag(field_name="is_in_use", label="Use", yes="In use", no="Not in use")
    approval = One(
        method="by_approval",
        label="Approval",
        choices=APPROVALS,
        help_text="whether an approval lets agents use it today",
    )
    got_worse = Flag(
        field_name="rating__worse_since",
        lookup_expr="isnull",
        exclude=True,
        label="Rating",
        yes="Approved, but got worse",
        help_text="whether it is in use and its residual risk is worse than what was approved",
    )
    vendor = Key(
        method="by_vendor",
        label="Vendor",
        rows=Vendor.objects.visible_to,
        only_asked=True,
        help_text="a vendor that stands behind it in any role",
    )
    owner = PersonKey(field_name="owner_id", label="Owner")
    tag = Exact(method="by_tag", label="Tag", help_text="one of its tags, in whatever case")
    name = Exact(field_name="name", lookup_expr="reads", label="Registry name")
    number = Number(field_name="number", label="Number")

    def by_words(self, rows: QuerySet[Server], name: str, value: str) -> QuerySet[Server]:
        """Return servers whose number, title, registry name or supplier holds the words."""
        supplied = ServerSupplier.objects.filter(server=OuterRef("pk"))
        vendors = list(Vendor.objects.filter(name__holds=value).values_list("pk", flat=True)[: narrowing.FEW + 1])
        if len(vendors) <= narrowing.FEW:
            found = Q(pk__in=narrowing.keys(Server.objects.filter(Exists(supplied.filter(vendor__in=vendors)))))
        else:
            found = narrowing.asked_of_each(supplied.filter(vendor__name__holds=value))
        return rows.filter(with_words(Server, value) | found)

    def by_approval(self, rows: QuerySet[Server], name: str, value: str) -> QuerySet[Server]:
        """Return servers by whether an approval lets agents use them today."""
        return rows.filter(_approval(value, today=self.today))

    def by_vendor(self, rows: QuerySet[Server], name: str, value: UUID) -> QuerySet[Server]:
        """Return servers behind which the vendor stands in any role."""
        return rows.filter(Exists(ServerSupplier.objects.filter(server=OuterRef("pk"), vendor=value)))

    def by_tag(self, rows: QuerySet[Server], name: str, value: str) -> QuerySet[Server]:
        """Return servers that have the tag, written in whatever way; none has what is no tag."""
        try:
            word = tags.one(value, name)
        except Refused:
            return rows.none()
        return rows.filter(Exists(ServerTag.objects.filter(server=OuterRef("pk"), word=word)))


def _approval(value: str, *, today: date) -> Q:
    in_date = Q(Exists(Approval.objects.in_force(today=today).filter(server=OuterRef("pk"))))
    granted = Approval.objects.filter(server=OuterRef("pk"), status=Approval.Status.GRANTED)
    ever = Q(Exists(granted.exclude(decision=Approval.Decision.REJECT)))
    conditions = {"in_date": in_date, "missing": ~in_date, "expired": ever & ~in_date, "none": ~ever}
    return conditions[value]


def _countries() -> list[tuple[str, str]]:
    return [(code, code) for code in distinct.values(Vendor, "country") if code]


def _relationship_owners(user: Any) -> QuerySet[User]:
    if not access.of(user).is_member:
        return User.objects.none()
    return User.objects.filter(Exists(Vendor.objects.filter(relationship_owner=OuterRef("pk")))).order_by("name")


class VendorFilters(Searchable):
    """Which vendors."""

    on_page = ("search", "status", "kind", "criticality", "country", "relationship_owner")
    also = ("website",)

    status = Choice(label="Status", empty="Any status", choices=Vendor.Status.choices)
    kind = One(field_name="kinds__kind", label="Kind", empty="Any kind", choices=Supplies.choices)
    criticality = Choice(label="Criticality", choices=Criticality.choices)
    country = Exact(field_name="country", label="Country", empty="All countries", offered=_countries)
    relationship_owner = PersonKey(
        field_name="relationship_owner_id", label="Owner", people=_relationship_owners, words={}
    )
    parent = Key(field_name="parent_id", label="Parent", rows=Vendor.objects.visible_to, only_asked=True)
    number = Number(field_name="number", label="Number")
