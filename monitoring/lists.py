"""How runs and observations are listed."""

from typing import Any

from django.db.models import QuerySet

from accounts.filters import UnitKey
from monitoring.models import Collector, Observation, Run
from riskregister.filters import Choice, Exact, FilterSet, Flag, Key
from riskregister.lists import Column, Kind, List, Where
from vendors.models import Server


class RunFilters(FilterSet):
    """Which runs."""

    on_page = ("collector", "status", "unit")

    collector = Choice(label="Look", empty="Any look", choices=Collector.choices)
    status = Choice(label="Outcome", empty="Any outcome", choices=Run.Status.choices)
    unit = UnitKey(field_name="server__unit_id")
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)


def _runs(user: Any) -> QuerySet[Run]:
    return Run.objects.visible_to(user).select_related("server", "server__unit", "asked_by", "captured", "release")


RUNS = List(
    word="runs",
    rows=_runs,
    filters=RunFilters,
    columns=(
        Column("Server", "server.title", Kind.TITLE, sub="address"),
        Column("Look", "get_collector_display", Kind.SHORT),
        Column("Address", "address", where=Where.FILE),
        Column("Outcome", "status", Kind.BADGE, looks="run"),
        Column("Why", "why", Kind.PROSE),
        Column("Asked for", "asked_at", Kind.MOMENT, sort="-asked_at"),
        Column("By", "asked_by.name", Kind.PERSON, empty="The register"),
        Column("Ended", "ended_at", Kind.MOMENT, where=Where.FILE),
    ),
    sorts={"asked_at": "asked_at id"},
    default="-asked_at",
)


class ObservationFilters(FilterSet):
    """Which observations."""

    server = Key(field_name="server_id", label="Server")
    collector = Choice(label="Look", empty="Any look", choices=Collector.choices)
    unit = UnitKey(field_name="server__unit_id")
    key = Exact(label="Key")
    is_seen = Flag(label="Still seen")


def _observations(user: Any) -> QuerySet[Observation]:
    return Observation.objects.visible_to(user).select_related("server", "finding", "run")


OBSERVATIONS = List(
    word="observations",
    rows=_observations,
    filters=ObservationFilters,
    sorts={"last_seen_at": "last_seen_at id"},
    default="-last_seen_at",
)
