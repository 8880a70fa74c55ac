"""How escalations are listed."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from accounts.filters import UnitKey
from escalations import ladders
from escalations.models import Escalation
from riskregister.filters import Choice, Key, One, Searchable
from riskregister.lists import Column, Kind, List, Where
from scoring.scales import Severity

GROUPS = {
    "standing": ("Still waits", Escalation.STANDING),
    "all": ("All", tuple(Escalation.Status)),
}


class EscalationFilters(Searchable):
    """Which escalations."""

    on_page = ("search", "status", "ladder", "severity", "rung", "unit")

    status = Choice(
        label="Status",
        empty="Not acknowledged",
        choices=Escalation.Status.choices,
        groups=GROUPS,
        offered=("acknowledged", "standing", "over", "all"),
    )
    ladder = One(field_name="ladder", label="What", choices=ladders.pairs)
    severity = Choice(label="Severity", choices=Severity.words(), stored=Severity.of)
    rung = Choice(label="Told", choices=Escalation.Rung.choices)
    unit = UnitKey()
    about = Key(field_name="object_id", label="About", help_text="id of what it is about")

    def at_first(self, rows: QuerySet[Escalation]) -> QuerySet[Escalation]:
        """Return what nobody has acknowledged, unless a status is asked for."""
        return rows if self.form.cleaned_data.get("status") else rows.filter(status=Escalation.Status.WAITING)


def _rows(user: Any) -> QuerySet[Escalation]:
    return Escalation.objects.visible_to(user).select_related("unit", "acknowledged_by")


def _what(row: Escalation, _today: date) -> str:
    return " · ".join(part for part in (row.what, row.unit.name if row.unit else "") if part)


ESCALATIONS = List(
    word="escalations",
    rows=_rows,
    filters=EscalationFilters,
    columns=(
        Column("What waits", "label", Kind.TITLE, sub=_what),
        Column("Why", "what", where=Where.FILE, field=""),
        Column("Unit", "unit.name", where=Where.FILE),
        Column(
            "Severity",
            lambda row, _: Severity(row.severity).word,
            Kind.BADGE,
            sort="severity",
            looks="severity",
            field="severity",
        ),
        Column("Since", "began_at", Kind.MOMENT, sort="-began_at"),
        Column("Told", "rung", Kind.BADGE, looks="rung"),
        Column("Told on", "climbed_at", Kind.MOMENT, where=Where.FILE),
        Column("Status", "status", Kind.BADGE, looks="escalation"),
        Column("Acknowledged by", "acknowledged_by.name", Kind.PERSON, sub="note", empty="Nobody"),
        Column("Acknowledged", "acknowledged_at", Kind.MOMENT, where=Where.FILE),
        Column("Note", "note", where=Where.FILE),
    ),
    sorts={"severity": "severity began_at id", "began_at": "began_at id"},
    default="severity",
)
