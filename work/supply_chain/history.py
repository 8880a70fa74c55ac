"""How the supply chain's health was: a row a unit and day, written that day and never changed.

No row is made up for a day that has passed: a day on which the register did not run is a gap.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import Unit
from accounts.units import belonging
from scoring.scales import Severity
from work import counting
from work.models import HealthDay, ServerLevels
from work.sums import Sums
from work.supply_chain import levels
from work.supply_chain.lists import SIGNALS

# What is drawn at most.
SHOWN = timedelta(days=90)
FIGURES = (
    "servers",
    *(f"{level}_{state}" for level in levels.KEPT for state in ServerLevels.State.values),
    *(*SIGNALS, "vulnerabilities", "overdue"),
    *(f"vulnerabilities_{severity.word}" for severity in Severity),
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day with its figures over the units that are asked for, None where nothing was written."""

    day: date
    figures: Mapping[str, int] | None


def take(*, now: datetime) -> int:
    """Write the row of today for each unit that has none, and return how many; done twice it writes none."""
    today = timezone.localdate(now)
    units = Unit.objects.exclude(pk__in=HealthDay.objects.filter(day=today).values("unit"))
    missing = list(units.order_by("pk").values_list("pk", flat=True))
    if not missing:
        return 0
    counted = _counted(missing, today=today)
    rows = [HealthDay(unit_id=unit, day=today, figures=counted[unit], taken_at=now) for unit in missing]
    HealthDay.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _counted(units: Sequence[UUID], *, today: date) -> dict[UUID, dict[str, int]]:
    return {unit: _figures(sums) for unit, sums in counting.of_units(units, today=today).items()}


def _figures(sums: Sums) -> dict[str, int]:
    figures = dict.fromkeys(FIGURES, 0)
    for cell, count in sums.levels.items():
        told = [f"{level}_{getattr(cell, level)}" for level in levels.KEPT]
        for name in ("servers", *told, *(signal for signal in SIGNALS if getattr(cell, signal))):
            figures[name] += count
    for (severity, due, _age), count in sums.vulnerabilities.items():
        figures["vulnerabilities"] += count
        figures[f"vulnerabilities_{Severity(severity).word}"] += count
        figures["overdue"] += count if due == "overdue" else 0
    return figures


def days(user: Any, *, unit: Unit | None, today: date) -> list[Day]:
    """Return the days from the first that was written (at most 90 ago) to the last, over the units that somebody sees.

    A unit that has no row of a day has none because it did not exist, or because nothing ran: then no other has one.
    """
    units = belonging.units_counted(user, unit=unit)
    rows = HealthDay.objects.filter(day__gt=today - SHOWN, day__lte=today)
    rows = rows if units is None else rows.filter(unit__in=units)
    by_day: dict[date, dict[str, int]] = defaultdict(lambda: dict.fromkeys(FIGURES, 0))
    for day, figures in rows.order_by("day").values_list("day", "figures"):
        for name in FIGURES:
            by_day[day][name] += figures.get(name, 0)
    if not by_day:
        return []
    first, last = min(by_day), max(by_day)
    every = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    return [Day(day, by_day.get(day)) for day in every]
