"""Of which units somebody is told figures, and by which column a row belongs to a unit."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts import access
from accounts.models import Unit

# How the filter `unit` of a list says "all units in which I have a role".
MINE = "mine"


def units_counted(user: Any, *, unit: Unit | None) -> list[UUID] | None:
    """Return the units whose figures somebody is told: the one that is asked for, or all of theirs (None: everything).

    A unit in which they have no role is none of theirs.
    """
    seen = access.of(user)
    if seen.sees_all_units:
        return [unit.pk] if unit else None
    return [pk for pk in seen.unit_ids if unit is None or pk == unit.pk]


def word_for(user: Any, *, unit: Unit | None) -> str:
    """Return how the filter `unit` of a list says the same, empty for everything."""
    if unit:
        return str(unit.pk)
    return "" if access.of(user).sees_all_units else MINE


def in_units(units: Collection[UUID], *, path: str = "unit_id") -> Q:
    """Return the condition that a row is of one of the units."""
    return Q(**{f"{path}__in": units})
