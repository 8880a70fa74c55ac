"""Puts on record what hits each server, as comparing each of them would, of which only the observations are needed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from composition.models import Comparison, Component, Hit, Match
from monitoring.models import Collector, Observation, Run
from riskregister.queries import inserting

_AT_ONCE = 10_000


def put_on_record(*, now: datetime) -> None:
    """Insert a hit with its observation for all that matches, and say of each server that it was compared."""
    runs = {server: _run(server, release, now=now) for server, release in _compared()}
    inserting.insert(list(runs.values()))
    inserting.insert([Comparison(server_id=key, is_due=False, due_since=now, compared_at=now) for key in runs])
    some: list[Hit] = []
    for server, *what in _matching():
        some.append(_hit(runs[server], *what, now=now))
        if len(some) == _AT_ONCE:
            _insert(some)
            some = []
    _insert(some)


def _compared() -> Iterable[Any]:
    listed = Component.objects.counting().order_by()
    return listed.values_list("inventory__server", "inventory__release").distinct()


def _matching() -> Iterable[Any]:
    rows = Component.objects.counting().filter(package_version__matches__isnull=False).order_by()
    return rows.values_list(
        "inventory__server", "package_version__ecosystem", "package_version__name",
        "package_version__matches__affected__advisory__vulnerability",
    ).distinct()  # fmt: skip


def _run(server: UUID, release: UUID, *, now: datetime) -> Run:
    return Run(
        collector=Collector.COMPOSITION, server_id=server, release_id=release, status=Run.Status.COMPLETE,
        asked_at=now, began_at=now, ended_at=now,
    )  # fmt: skip


def _hit(run: Run, ecosystem: str, name: str, vulnerability: UUID, *, now: datetime) -> Hit:
    hit = Hit(server_id=run.server_id, vulnerability_id=vulnerability, ecosystem=ecosystem, name=name)
    hit.outcome = Match.Outcome.AFFECTED
    hit.observation = Observation(
        server_id=run.server_id, collector=run.collector, key=str(hit.pk), words=f"Advisory about {name}", run=run,
        value_since=now, first_seen_at=now, last_seen_at=now,
    )  # fmt: skip
    return hit


def _insert(hits: list[Hit]) -> None:
    inserting.insert([hit.observation for hit in hits])
    inserting.insert(hits)
