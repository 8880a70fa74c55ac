"""What is missing for governance tiers in each unit: all deployments that a person may see, in a few statements."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Unit
from catalogue.models import Control
from controls.tiers import measuring
from controls.tiers.measuring import Measured, Shortfall
from vendors.models import Deployment

_MOST_MISSING = 10


class UnknownControl(Exception):
    """No tier asks for a control with this reference."""


@dataclass(frozen=True, slots=True)
class Lack:
    """A control, and for how many deployments it is missing of those whose tier asks for it."""

    ref: str
    title: str
    deployments: int


@dataclass(frozen=True, slots=True)
class Lacking:
    """A control, and the keys of the deployments at which it is missing, the newest first."""

    control: Control
    deployments: list[UUID]


@dataclass(frozen=True, slots=True)
class UnitGap:
    """A unit: how many deployments it has, for how many no tier is set, which run below the tier proposed, at how many
    all is in place that their tier asks for, how many controls are missing in all, and days of work until none is.

    A control that is missing at several deployments of a server is counted once, with the days of the most work.
    """

    unit: Unit
    deployments: int
    not_set: int
    below: int
    complete: int
    missing: int
    effort: int
    most_missing: tuple[Lack, ...]


def by_unit(deployments: "QuerySet[Deployment]", *, today: date) -> list[UnitGap]:
    """Return the gap of each unit that has one of these deployments, by its name: seven statements."""
    ruler = measuring.yardstick()
    rows = measuring.measure(deployments, today=today, ruler=ruler)
    titles = {control.pk: (ref, control.title) for ref, control in ruler.controls().items()}
    of_units: dict[UUID, list[Measured]] = {}
    for row in rows:
        of_units.setdefault(row.unit, []).append(row)
    units = Unit.objects.filter(pk__in=of_units).order_by("name")
    return [_of_unit(unit, of_units[unit.pk], titles) for unit in units]


def lacking(deployments: "QuerySet[Deployment]", ref: str, *, today: date) -> Lacking:
    """Return the control with this reference, and at which of the deployments it is missing for their tier.

    One statement more than for the gap of all of them. Raises UnknownControl for one that no tier asks for.
    """
    ruler = measuring.yardstick()
    if ref not in ruler.keys:
        raise UnknownControl(ref)
    rows = measuring.measure(deployments, today=today, ruler=ruler)
    control = Control.objects.get(pk=ruler.keys[ref])
    return Lacking(control, [row.deployment for row in reversed(rows) if control.pk in row.at.missing])


def _of_unit(unit: Unit, rows: list[Measured], titles: dict[int, tuple[str, str]]) -> UnitGap:
    at = [row.at for row in rows]
    missing, days = _of_servers(zip((row.server for row in rows), at, strict=True))
    lacks = _counted(one.missing for one in at)
    return UnitGap(
        unit=unit,
        deployments=len(rows),
        not_set=sum(row.tier is None for row in rows),
        below=sum(row.is_below for row in rows),
        complete=sum(not one.missing for one in at),
        missing=missing,
        effort=days,
        most_missing=tuple(Lack(*titles[key], count) for key, count in lacks.most_common(_MOST_MISSING)),
    )


def _counted(missing: Iterable[frozenset[int]]) -> Counter[int]:
    """Return how often each control is missing; of many deployments the same ones are."""
    lacks: Counter[int] = Counter()
    for keys, count in Counter(missing).items():
        for key in keys:
            lacks[key] += count
    return lacks


def _of_servers(rows: Iterable[tuple[UUID, Shortfall]]) -> tuple[int, int]:
    """Return how many controls are missing at the servers, and the days of work; each control once a server."""
    of_server: dict[UUID, list[Shortfall]] = defaultdict(list)
    for server, gap in rows:
        of_server[server].append(gap)
    found = [_together(gaps) for gaps in of_server.values()]
    return sum(missing for missing, _days in found), sum(days for _missing, days in found)


def _together(gaps: list[Shortfall]) -> tuple[int, int]:
    """Return the same of the deployments of one server."""
    if len(gaps) == 1:
        return len(gaps[0].missing), gaps[0].effort
    days: dict[int, int] = {}
    for one in gaps:
        for control in one.missing:
            days[control] = max(one.days[control], days.get(control, 0))
    return len(days), sum(days.values())
