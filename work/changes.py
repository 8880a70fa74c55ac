"""What changed in the register since a moment, of one unit or of what somebody sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from accounts import access
from accounts.models import Unit
from accounts.units import belonging
from audit.models import Event
from decisions.models import RatingRecord
from work import trail

_CHANGES = ("finding.opened", "finding.reopened", "finding.closed", "rating.changed", "approval.granted")


@dataclass(frozen=True, slots=True)
class RatingChange:
    """A server whose residual risk changed: from what, to what, when and why."""

    server_id: UUID
    server: str
    was: str
    residual: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Changes:
    """How many events of each verb happened since a moment, and the latest changes of a rating."""

    since: datetime
    counts: Mapping[str, int]
    ratings: Sequence[RatingChange]


def since(user: Any, *, unit: Unit | None, moment: datetime, limit: int = 6) -> Changes:
    """Return what changed since a moment: events by verb, and the latest changes of a rating; two statements."""
    seen = events_counted(user, unit=unit, moment=moment)
    counted = seen.order_by().values_list("verb").annotate(n=Count("*"))
    counts = dict.fromkeys(_CHANGES, 0) | dict(counted)
    latest = (
        _moved(user, unit=unit)
        .filter(at__gte=moment)
        .select_related("server")
        .defer("body")
        .order_by("-at", "-id")[:limit]
    )
    return Changes(moment, counts, [_rating_change(row) for row in latest])


def _moved(user: Any, *, unit: Unit | None) -> QuerySet[RatingRecord]:
    units, rows = belonging.units_counted(user, unit=unit), RatingRecord.objects.all()
    # By the unit of the server: asked whether the server is among all that are seen, these are read first.
    return rows if units is None else rows.filter(server__unit__in=units)


def events_counted(user: Any, *, unit: Unit | None, moment: datetime) -> QuerySet[Event]:
    """Return the events that `since` counts."""
    seen = access.visible_events(user).filter(at__gte=moment, verb__in=_CHANGES)
    units = belonging.units_counted(user, unit=unit)
    return seen if units is None else seen.filter(trail.of_units(units))


def _rating_change(row: RatingRecord) -> RatingChange:
    return RatingChange(row.server_id, str(row.server), row.was, row.residual, row.at, row.reason)
