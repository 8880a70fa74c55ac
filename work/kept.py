"""The figures of the dashboard, kept by unit: counted anew is only what somebody has changed since it was counted.

What is about vendors can belong to several units, and so does not add up over them: it is a part of its own, counted
for each set of units that is asked for.
"""

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from django.utils import timezone

from accounts.models import Unit
from accounts.units import belonging, kept_figures
from accounts.units.kept_figures import VENDORS, Part
from work import counting, sums, tiles
from work.sums import Sums
from work.tiles import Figures

# Raised with what is counted, so that an installation that is brought up to date counts anew.
_RULES = 3
# So many sets of units are kept of what is about vendors; one more, and they are counted anew when they are asked for.
_SETS = 16


def figures(user: Any, *, unit: Unit | None, today: date) -> Figures:
    """Return the figures of what somebody sees, or of one unit of it: the same as `tiles.figures` counts."""
    return tiles.figures_of(_sums(belonging.units_counted(user, unit=unit), today=today), today=today)


def _sums(units: list[UUID] | None, *, today: date) -> Sums:
    everything = list(Unit.objects.order_by().values_list("pk", flat=True)) if units is None else units
    basis = f"{_RULES} {today} {timezone.get_default_timezone_name()}"
    found = kept_figures.find([*(unit.hex for unit in everything), VENDORS], basis=basis)
    stale = [unit for unit in everything if not found[unit.hex].is_current]
    counted = counting.of_units(stale, today=today) if stale else {}
    bodies = {found[unit.hex]: sums.written(one.plain()) for unit, one in counted.items()}
    shared, body = _about_vendors(found[VENDORS], units, today=today)
    if body:
        bodies[found[VENDORS]] = body
    kept_figures.keep(bodies, basis=basis)
    kept = (sums.read(orjson.loads(found[unit.hex].body)) for unit in everything if unit not in counted)
    return sums.total([*counted.values(), *kept, shared])


def _about_vendors(part: Part, units: list[UUID] | None, *, today: date) -> tuple[Sums, str]:
    """Return the sums over what is about vendors of the units, and what is to be kept, if they were counted now."""
    if not units and units is not None:
        return Sums(), ""
    known: dict[str, Any] = orjson.loads(part.body) if part.is_current else {}
    name = _name(units)
    if name in known:
        return sums.read(known[name]), ""
    counted = counting.about_vendors(units, today=today)
    return counted, sums.written({**(known if len(known) < _SETS else {}), name: counted.plain()})


def _name(units: Iterable[UUID] | None) -> str:
    if units is None:
        return "all"
    return hashlib.sha256("".join(sorted(unit.hex for unit in units)).encode()).hexdigest()
