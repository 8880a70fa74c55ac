"""The figures of the dashboard, worked out by the same functions as the page's."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Unit
from api.description.described import described
from api.fields import Body, Choice, Known, Moment
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.scores import Number, number_shown
from api.v1.servers.servers import ServerRow
from api.views import Door
from catalogue.models import Dimension
from scoring.scales import Residual, Severity
from vendors import belonging
from work import changes, kept, overview, tiles

_SINCE = timedelta(days=30)
_SEVERITIES = [severity.word for severity in Severity]


class MatrixCell(serializers.Serializer[Any]):
    """How many servers have this inherent tier and this residual risk."""

    inherent_tier = serializers.IntegerField()
    residual = Choice(choices=[(word.value, word.value) for word in Residual])
    servers = serializers.IntegerField()


class ServersOut(serializers.Serializer[Any]):
    """Servers in numbers: those in use, and of them those without an approval in date, a final assessment, or worse
    than approved.
    """

    total = serializers.IntegerField()
    in_use = serializers.IntegerField()
    unapproved = serializers.IntegerField()
    unassessed = serializers.IntegerField()
    got_worse = serializers.IntegerField()
    matrix = MatrixCell(many=True)


class OwnerOut(serializers.Serializer[Any]):
    """What one owner (null: nobody) has overdue."""

    owner_id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField(allow_blank=True)
    overdue = serializers.IntegerField()
    severe = serializers.IntegerField()


class FindingsOut(serializers.Serializer[Any]):
    """Findings to do, by severity, and by age since they were first seen: up to 30, 60, 90 days and older."""

    total = serializers.IntegerField()
    overdue = serializers.IntegerField()
    by_severity: Any = serializers.DictField(child=serializers.IntegerField())
    by_age: Any = serializers.ListField(child=serializers.DictField(child=serializers.IntegerField()))
    owners = OwnerOut(many=True)


class DimensionOut(serializers.Serializer[Any]):
    """One dimension over all rated servers."""

    dimension = Choice(choices=Dimension.choices)
    mean = Number(allow_null=True)
    rated = serializers.IntegerField()
    weakest = refs.ServerRef(allow_null=True)
    lowest = serializers.CharField(allow_null=True)


class MonthOut(serializers.Serializer[Any]):
    """Findings opened and closed in a month, named by its first day."""

    month = serializers.DateField()
    opened = serializers.IntegerField()
    closed = serializers.IntegerField()


class OccasionsOut(serializers.Serializer[Any]):
    """What a date makes urgent, and the trend."""

    reviews_overdue = serializers.IntegerField()
    acceptances_expiring = serializers.IntegerField()
    trend = MonthOut(many=True)


class RatingChanged(serializers.Serializer[Any]):
    """A server whose residual risk changed."""

    server_id = serializers.UUIDField()
    server = serializers.CharField()
    was = serializers.CharField(allow_blank=True)
    residual = serializers.CharField()
    at = Moment()
    reason = serializers.CharField()


class ChangesOut(serializers.Serializer[Any]):
    """Events by verb since a moment, and the latest changes of ratings."""

    since = Moment()
    counts: Any = serializers.DictField(child=serializers.IntegerField())
    ratings = RatingChanged(many=True)


class TileOut(serializers.Serializer[Any]):
    """One number of the dashboard as its page shows it, and the address of the list of exactly what it counts."""

    key = serializers.CharField()
    label: Any = serializers.CharField(help_text="as people read it")
    value = serializers.IntegerField()
    of = serializers.IntegerField(allow_null=True, help_text="of how many; null: there is no such number")
    rows = serializers.CharField(help_text="address of the list of these rows")


class Dashboard(serializers.Serializer[Any]):
    """What is most at risk, what is overdue and whose, and what changed in the last 30 days.

    `counted` says in words what belongs to a unit; empty where everything in the register is counted.
    """

    counted = serializers.CharField(allow_blank=True)
    tiles = TileOut(many=True)
    servers = ServersOut()
    most_at_risk = ServerRow(many=True)
    findings = FindingsOut()
    dimensions = DimensionOut(many=True)
    occasions = OccasionsOut()
    changes = ChangesOut()


class _Query(Body):
    unit = Known(Unit, required=False)


class DashboardView(Door):
    """The figures of the dashboard."""

    @described(
        parameters=[
            OpenApiParameter("unit", str, description="Id of a unit; without it all in which you have a role.")
        ],
        responses={200: Dashboard, 422: None},
    )
    def get(self, request: Request) -> Response:
        """Return the state of the register, or of one unit of it, in numbers."""
        unit, now = self._unit(), timezone.now()
        user, today = self.person, timezone.localdate(now)
        counted = kept.figures(user, unit=unit, today=today)
        data = {
            "counted": belonging.WORDS if tiles.in_words(user, unit=unit) else "",
            "tiles": [_tile(one) for one in tiles.tiles(counted, user, unit=unit, today=today)],
            "servers": _servers(counted.servers),
            "most_at_risk": overview.most_at_risk(user, unit=unit),
            "findings": _findings(counted.findings),
            "dimensions": [_dimension(one) for one in counted.dimensions],
            "occasions": _occasions(counted.occasions),
            "changes": asdict(changes.since(user, unit=unit, moment=now - _SINCE)),
        }
        return Response(Dashboard(data, context={"request": request}).data)

    def _unit(self) -> Unit | None:
        read = _Query(data=self.request.query_params.dict(), context={"request": self.request})
        if not read.is_valid():
            raise ValidationError(read.errors)
        unit: Unit | None = read.validated_data.get("unit")
        return unit


def _tile(one: tiles.Tile) -> dict[str, Any]:
    rows = f"{reverse(f'api:{one.noun}-list')}?{urlencode(one.filters)}"
    return {"key": one.key, "label": one.label, "value": one.value, "of": one.of, "rows": rows}


def _servers(found: overview.ServerFigures) -> dict[str, Any]:
    cells = [
        {"inherent_tier": tier, "residual": str(residual), "servers": count}
        for (tier, residual), count in found.matrix.items()
    ]
    names = ("total", "in_use", "unapproved", "unassessed", "got_worse")
    return {name: getattr(found, name) for name in names} | {"matrix": cells}


def _findings(found: overview.FindingFigures) -> dict[str, Any]:
    return {
        "total": found.total,
        "overdue": found.overdue,
        "by_severity": _by_word(found.by_severity),
        "by_age": [_by_word(group) for group in found.by_age],
        "owners": found.owners,
    }


def _by_word(counts: Mapping[Severity, int]) -> dict[str, int]:
    return dict.fromkeys(_SEVERITIES, 0) | {severity.word: count for severity, count in counts.items()}


def _dimension(found: overview.DimensionFigures) -> dict[str, Any]:
    return {
        "dimension": found.key,
        "mean": None if found.mean is None else number_shown(found.mean),
        "rated": found.rated,
        "weakest": found.weakest,
        "lowest": found.lowest,
    }


def _occasions(found: overview.Occasions) -> dict[str, Any]:
    months = zip(found.months, found.opened, found.closed, strict=True)
    trend = [{"month": month, "opened": opened, "closed": closed} for month, opened, closed in months]
    return {
        "reviews_overdue": found.reviews_overdue,
        "acceptances_expiring": found.acceptances_expiring,
        "trend": trend,
    }
