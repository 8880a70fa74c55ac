"""What belongs to a unit: one definition for tiles, lists, files, the API and reports, which print it in words."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet

from accounts.models import Unit
from accounts.units import belonging
from riskregister.queries import narrowing
from riskregister.refusals import Refused
from vendors.models import Server, ServerSupplier

WORDS = (
    "To a unit belong its servers and what is about them, and what is about vendors that stand behind one of its"
    " servers; servers that are retired or rejected bring no vendor with them."
)


class ServerOfAnotherUnit(Refused):
    """What belongs to a unit is about a server of that unit."""


def refuse_elsewhere(server: Server, *, unit: Unit) -> None:
    """Raise ServerOfAnotherUnit for a server that what belongs to the unit cannot be about."""
    if server.unit_id != unit.pk:
        raise ServerOfAnotherUnit(f"{server} belongs to another unit. Choose one of {unit}.", field="server")


# Of so many suppliers the first are looked at, to tell whether the vendors of a unit are few.
_SOME = 400


def vendors_of(units: Collection[UUID]) -> QuerySet[ServerSupplier]:
    """Return the ids of the vendors that stand, in any role, behind a server of the units that may still be used."""
    return _behind(units).values("vendor")  # type: ignore[return-value]  # ids, for `__in`


def to_units(units: Collection[UUID], *, vendor: str) -> Q:
    """Return the condition that a row belongs to the units: by its own unit, or by the vendor at the path."""
    return belonging.in_units(units) | Q(**{f"{vendor}__in": vendors_of(units)})


def each_to_units(units: Collection[UUID], *, vendor: str) -> Q:
    """Return the same condition for a list, which is read in its order until a page is full, and not as a whole."""
    return belonging.in_units(units) | each_by_vendor(units, vendor=vendor)


def each_by_vendor(units: Collection[UUID], *, vendor: str) -> Q:
    """Return the condition that the vendor at the path stands behind a server of the units: few vendors by their keys,
    of many each row asks for its own.
    """
    some = _behind(units).values_list("vendor", flat=True)[:_SOME]
    if len(some) < _SOME and len(few := set(some)) <= narrowing.FEW:
        return Q(**{f"{vendor}__in": few})
    mine = narrowing.asked_of_each(_behind(units).filter(vendor=OuterRef(vendor)))
    return Q(**{f"{vendor}__isnull": False}) & mine


def _behind(units: Collection[UUID]) -> QuerySet[ServerSupplier]:
    behind = ServerSupplier.objects.filter(server__unit_id__in=units).exclude(server__status__in=Server.OUT_OF_USE)
    return behind.order_by()
