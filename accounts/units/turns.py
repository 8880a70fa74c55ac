"""Whose turn it is when work comes that nobody has in hand."""

from uuid import UUID

from django.db.models import Count, F, Max, OrderBy

from accounts import access
from accounts.models import Role, User


def next_analyst(*, waiting: Count, latest: Max | None = None, unit_id: UUID | None) -> User | None:
    """Return the analyst of a unit (None: of any) with the least to do, or None when there is none.

    `waiting` counts what each has to do, along the relations of a person. Of two with as much it is whoever was given
    something `latest` longest ago, else the first by name.
    """
    analysts = access.people_with([Role.ANALYST], unit_id=unit_id).annotate(waiting=waiting)
    order: list[str | OrderBy] = ["waiting"]
    if latest:
        analysts, order = analysts.annotate(latest=latest), [*order, F("latest").asc(nulls_first=True)]
    return analysts.order_by(*order, "name", "pk").first()
