"""How exit plans are listed."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from accounts.filters import UnitKey
from exits.models import ExitPlan
from riskregister.filters import Choice, Key, Searchable
from riskregister.lists import Column, Kind, List, Where
from vendors.models import Server


class ExitPlanFilters(Searchable):
    """Which exit plans."""

    on_page = ("search", "status", "unit")

    status = Choice(label="State", empty="Any state", choices=ExitPlan.Status.choices)
    unit = UnitKey()
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)


def _rows(user: Any) -> QuerySet[ExitPlan]:
    return ExitPlan.objects.visible_to(user).select_related("unit", "server")


def _state(row: ExitPlan, today: date) -> str:
    return row.state(today=today)


EXIT_PLANS = List(
    word="exit plans",
    rows=_rows,
    filters=ExitPlanFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Server", "server.title", Kind.TITLE, sub="unit.name"),
        Column("State", _state, Kind.BADGE, looks="exit plan", field="state"),
        Column("Instead of it", "replacement", Kind.WORDS),
        Column("Takes", "days", Kind.NUMBER, sort="days", unit="d"),
        Column("Tried on", "tried_on", Kind.DAY, sort="tried_on", empty="Never"),
        Column("Counts until", "counts_until", Kind.DAY, where=Where.FILE),
    ),
    sorts={"number": "number", "days": "days number", "tried_on": "tried_on? number"},
    default="-number",
)
