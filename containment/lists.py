"""How policies, denials, tests of enforcement and isolation profiles are listed."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from accounts.filters import UnitKey
from containment.models import Denial, EnforcementTest, IsolationProfile, Policy, Reason
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


class EnforcementTestFilters(Searchable):
    """Which tests."""

    on_page = ("search", "control", "result", "unit")

    control = Choice(label="What is obeyed", empty="Anything", choices=EnforcementTest.Control.choices)
    result = Choice(label="Result", empty="Any result", choices=EnforcementTest.Result.choices)
    unit = UnitKey()


def _enforcement_tests(user: Any) -> QuerySet[EnforcementTest]:
    return EnforcementTest.objects.visible_to(user).select_related("unit", "tried_by")


ENFORCEMENT_TESTS = List(
    word="enforcement tests",
    rows=_enforcement_tests,
    filters=EnforcementTestFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Client", "client", Kind.TITLE, sub="unit.name"),
        Column("Version", "version", Kind.SHORT),
        Column("What it is to obey", "get_control_display", Kind.WORDS),
        Column("Result", "result", Kind.BADGE, looks="enforcement test"),
        Column("What was tried", "how", Kind.PROSE, cut=20),
        Column("Tried on", "tried_on", Kind.DAY, sort="-tried_on"),
        Column("By", "tried_by.name", Kind.PERSON),
    ),
    sorts={"number": "number", "tried_on": "tried_on number"},
    default="-number",
)


class IsolationProfileFilters(FilterSet):
    """Which profiles."""

    on_page = ("unit",)

    unit = UnitKey()
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)


def _isolation_profiles(user: Any) -> QuerySet[IsolationProfile]:
    return IsolationProfile.objects.visible_to(user).select_related("unit", "server", "written_by")


def _hosts(row: IsolationProfile, _today: date) -> str:
    return ", ".join(row.egress_hosts)


ISOLATION_PROFILES = List(
    word="isolation profiles",
    rows=_isolation_profiles,
    filters=IsolationProfileFilters,
    columns=(
        Column("Server", "server.title", Kind.TITLE, sub="unit.name"),
        Column("May connect to", _hosts, Kind.WORDS, empty="Nothing", field=""),
        Column("User", "run_as_user", Kind.NUMBER),
        Column("Memory", "memory_mb", Kind.NUMBER, unit="MB"),
        Column("Written", "written_at", Kind.MOMENT, sort="-written_at"),
        Column("By", "written_by.name", Kind.PERSON),
    ),
    sorts={"written_at": "written_at id"},
    default="-written_at",
)
