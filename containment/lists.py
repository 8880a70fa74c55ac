"""How policies and denials are listed."""

from typing import Any

from django.db.models import QuerySet

from accounts.filters import UnitKey
from containment.models import Denial, Policy, Reason
from riskregister.filters import Choice, FilterSet, Flag, Key, Searchable
from riskregister.lists import Column, Kind, List, Where
from vendors.models import Server


class PolicyFilters(Searchable):
    """Which policies."""

    on_page = ("search", "status", "unit")

    status = Choice(label="State", empty="Any state", choices=Policy.Status.choices)
    unit = UnitKey()


def _policies(user: Any) -> QuerySet[Policy]:
    return Policy.objects.visible_to(user).select_related("unit", "moved_by")


POLICIES = List(
    word="policies",
    rows=_policies,
    filters=PolicyFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Name", "name", Kind.TITLE, sub="unit.name"),
        Column("State", "status", Kind.BADGE, looks="policy"),
        Column("Since", "moved_at", Kind.MOMENT, sort="-moved_at"),
        Column("By", "moved_by.name", Kind.WORDS),
    ),
    sorts={"number": "number", "moved_at": "moved_at number"},
    default="-number",
)


class DenialFilters(FilterSet):
    """Which denials."""

    on_page = ("reason", "was_blocked", "unit")

    reason = Choice(label="Reason", empty="Any reason", choices=Reason.choices)
    was_blocked = Flag(label="Blocked")
    unit = UnitKey()
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)


def _denials(user: Any) -> QuerySet[Denial]:
    return Denial.objects.visible_to(user).select_related("unit", "server")


DENIALS = List(
    word="denials",
    rows=_denials,
    filters=DenialFilters,
    columns=(
        Column("Server", "named", Kind.TITLE, sub="unit.name"),
        Column("Asked for", "method", Kind.WORDS),
        Column("Tool", "tool", Kind.WORDS),
        Column("Reason", "get_reason_display", Kind.WORDS),
        Column("Outcome", "outcome", Kind.WORDS, where=Where.PAGE, field=""),
        Column("Blocked", "was_blocked", Kind.FLAG, where=Where.FILE),
        Column("Times", "times", Kind.NUMBER),
        Column("Last", "last_at", Kind.MOMENT, sort="-last_at"),
    ),
    sorts={"last_at": "last_at id"},
    default="-last_at",
)
