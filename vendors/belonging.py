"""What belongs to a unit: one definition for tiles, lists, files, the API and reports, which print it in words."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts import belonging
from vendors.models import Server, ServerSupplier

WORDS = (
    "To a unit belong its servers and what is about them, and what is about vendors that stand behind one of its"
    " servers; servers that are retired or rejected bring no vendor with them."
)


def vendors_of(units: Collection[UUID]) -> QuerySet[ServerSupplier]:
    """Return the ids of the vendors that stand, in any role, behind a server of the units that may still be used."""
    behind = ServerSupplier.objects.filter(server__unit_id__in=units).exclude(server__status__in=Server.OUT_OF_USE)
    return behind.order_by().values("vendor")  # type: ignore[return-value]  # ids, for `__in`


def to_units(units: Collection[UUID], *, vendor: str) -> Q:
    """Return the condition that a row belongs to the units: by its own unit, or by the vendor at the path."""
    return belonging.in_units(units) | Q(**{f"{vendor}__in": vendors_of(units)})
