"""How reports are listed."""

from typing import Any

from django.db.models import QuerySet

from accounts.filters import UnitKey
from reports.models import Report
from riskregister.filters import Choice, Key, One, Searchable
from riskregister.lists import Column, Kind, List, Where


class ReportFilters(Searchable):
    """Which reports."""

    on_page = ("search", "kind", "status", "unit")
    also = ("title",)

    kind = One(field_name="kind", label="Kind", empty="All kinds", choices=Report.Kind.choices)
    status = Choice(label="Status", empty="Any status", choices=Report.Status.choices)
    unit = UnitKey()
    assessment = Key(field_name="assessment_id", label="Assessment")


def _rows(user: Any) -> QuerySet[Report]:
    rows = Report.objects.visible_to(user).select_related("unit", "requested_by").defer("data")
    return rows.prefetch_related("parts__blob")


REPORTS = List(
    word="reports",
    cells="reports/cells.html",
    rows=_rows,
    filters=ReportFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column(
            "Report",
            "title",
            Kind.TITLE,
            sub=lambda row, _: f"{row.covers} · {row.requested_by}",
        ),
        Column("Kind", "get_kind_display", where=Where.FILE),
        Column("Unit", "covers", where=Where.FILE, field=""),
        Column("Status", "status", Kind.BADGE, looks="report", cell="status"),
        Column("As of", "as_of", Kind.MOMENT),
        Column("Asked for by", "requested_by.name", where=Where.FILE),
        Column("Issued", "issued_at", Kind.MOMENT, sort="-issued"),
        Column("Data digest", "data_digest", Kind.DIGEST),
        Column("Download", "", Kind.WORDS, where=Where.PAGE, cell="download"),
    ),
    sorts={"number": "number", "issued": "issued_at? number"},
    default="-number",
)
