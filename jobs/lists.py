"""How jobs are listed."""

from typing import Any

from django.db.models import QuerySet

from jobs import queue
from jobs.models import Job
from riskregister.filters import Choice, FilterSet, One
from riskregister.lists import Column, Kind, List


class JobFilters(FilterSet):
    """Which jobs."""

    status = Choice(label="Status", choices=Job.Status.choices)
    kind = One(field_name="kind", label="Kind", choices=lambda: [(kind, queue.words(kind)) for kind in queue.kinds()])


def _rows(_user: Any) -> "QuerySet[Job]":
    return Job.objects.all()


JOBS = List(
    word="jobs",
    rows=_rows,
    filters=JobFilters,
    columns=(
        Column("Job", lambda row, _: queue.words(row.kind), Kind.HEADING, sub="kind", field=""),
        Column("Status", "status", Kind.BADGE, looks="job"),
        Column("Asked for by", "actor_label", Kind.PERSON),
        Column("Asked for", "created_at", Kind.MOMENT),
        Column("Tries", "attempts", Kind.NUMBER),
        Column("Progress", "progress", Kind.NUMBER, unit="%"),
        Column("Last note or error", lambda row, _: row.error or row.note, Kind.WORDS, cut=14, field=""),
    ),
    sorts={"id": "id"},
    default="-id",
)
