"""How statements and suppressions are listed."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from accounts.filters import UnitKey
from composition.models import Statement, Suppression
from riskregister.filters import Choice, Exact, FilterSet, Key, Words
from riskregister.lists import Column, Kind, List, Where
from vendors.models import Server


class StatementFilters(FilterSet):
    """Which statements."""

    on_page = ("name", "says", "outcome", "state", "unit")

    name = Words(label="Vulnerability", lookup_expr="icontains")
    says = Choice(label="Says", empty="Anything", choices=Statement.Says.choices)
    outcome = Choice(label="Outcome", empty="Any outcome", choices=Statement.Outcome.choices)
    state = Choice(
        label="State",
        empty="Any state",
        choices=[*Statement.Status.choices, (Statement.EXPIRED, "Expired")],
        method="by_state",
    )
    unit = UnitKey()
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)
    document = Exact(field_name="document__sha256", label="Document (SHA-256)")

    def by_state(self, rows: QuerySet[Statement], name: str, value: list[str]) -> QuerySet[Statement]:
        """Return those that are in one of the states today."""
        if not value:
            return rows
        past = Q(status=Statement.Status.IN_FORCE, until__lt=self.today)
        others = [one for one in value if one not in (Statement.Status.IN_FORCE, Statement.EXPIRED)]
        wanted = Q(status__in=others)
        if Statement.Status.IN_FORCE in value:
            wanted |= Statement.in_force_on(self.today)
        return rows.filter(wanted | past if Statement.EXPIRED in value else wanted)


def _statements(user: Any) -> QuerySet[Statement]:
    rows = Statement.objects.visible_to(user).with_outcome()
    return rows.select_related("unit", "server", "release", "owner", "taken_by", "document")


def _state(row: Statement, today: date) -> str:
    return row.state(today=today)


STATEMENTS = List(
    word="statements",
    rows=_statements,
    filters=StatementFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Vulnerability", "name", Kind.TITLE, sub="package", empty="Not readable"),
        Column("Package", "package", where=Where.FILE),
        Column("Says", "says", Kind.BADGE, looks="vex_status", empty="Not readable"),
        Column("Whose word", "author", Kind.WORDS, sub="scope"),
        Column("Holds for", "scope", where=Where.FILE, field=""),
        Column("Outcome", "outcome", Kind.BADGE, looks="outcome"),
        Column("State", _state, Kind.BADGE, looks="statement", field="state"),
        Column("Until", "until", Kind.DAY, sort="until", empty="No day"),
        Column("Taken", "taken_at", Kind.MOMENT, sort="-taken_at"),
        Column("Why it was rejected", "refusal", where=Where.FILE),
        Column("SHA-256", "document.sha256", Kind.DIGEST, where=Where.FILE),
    ),
    sorts={"number": "number", "taken_at": "taken_at number", "until": "until? number"},
    default="-number",
)


class SuppressionFilters(FilterSet):
    """Which suppressions."""

    on_page = ("status", "unit")

    status = Choice(label="State", empty="Any state", choices=Suppression.Status.choices)
    unit = UnitKey(field_name="hit__server__unit_id")
    server = Key(field_name="hit__server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)
    statement = Key(field_name="statement_id", label="Statement", rows=Statement.objects.visible_to, only_asked=True)


def _suppressions(user: Any) -> QuerySet[Suppression]:
    rows = Suppression.objects.visible_to(user)
    return rows.select_related(
        "statement__server", "hit__server", "hit__vulnerability", "hit__observation__finding", "decided_by"
    )


SUPPRESSIONS = List(
    word="suppressions",
    rows=_suppressions,
    filters=SuppressionFilters,
    columns=(
        Column("Statement", "statement.ref", Kind.SHORT, field=""),
        Column("Hit", "hit", Kind.WORDS, field=""),
        Column("Server", "hit.server.title", Kind.TEXT, to=("server-detail", "hit.server.pk"), field="server.title"),
        Column("State", "status", Kind.BADGE, looks="suppression"),
        Column("Until", "until", Kind.DAY, sort="until"),
        Column("Accepted by", "decided_by.name", Kind.PERSON),
        Column("Proposed", "proposed_at", Kind.MOMENT, sort="-proposed_at"),
    ),
    sorts={"proposed_at": "proposed_at id", "until": "until? id"},
    default="-proposed_at",
)
