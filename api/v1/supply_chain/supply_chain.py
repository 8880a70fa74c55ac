"""The health of the supply chain, worked out by the same functions as the page's."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access
from accounts.models import Unit
from api.description.described import described
from api.fields import Body, Choice, Known, Moment
from api.filters import PAGING, refuse_repeated, refuse_unknown
from api.pagination import Keyset
from api.v1.dashboard import TileOut
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.scores import Number, number_shown
from api.v1.findings.findingrows import SeverityWord
from api.views import Door
from riskregister import looks
from vendors.models import Server
from work import kept
from work.models import ServerLevels
from work.supply_chain import concentration, freshness, health, history, keeping, levels
from work.supply_chain.health import OfSeverity
from work.supply_chain.lists import SUPPLY_CHAIN, SupplyChainFilters

_PARAMETERS = sorted(SupplyChainFilters.base_filters)


class LevelReasonOut(serializers.Serializer[Any]):
    """Why a level is as it is: a word for programs, and a sentence."""

    code = serializers.CharField()
    words = serializers.CharField()


class ServerLevelOut(serializers.Serializer[Any]):
    """How a server stands on one level: affected, unknown, clear (none is known), or not_watched."""

    level = Choice(choices=list(levels.WORDS))
    state = Choice(choices=[*ServerLevels.State.values, levels.NOT_WATCHED])
    why = LevelReasonOut(many=True)


class ServerLevelsOut(serializers.Serializer[Any]):
    """A server with its levels; `vulnerabilities` in its packages are those that nobody has settled."""

    server = refs.ServerRef()
    unit = refs.UnitRef()
    inherent_tier = serializers.IntegerField()
    levels = ServerLevelOut(many=True)
    vulnerabilities = serializers.IntegerField()
    exploited = serializers.IntegerField()
    malicious = serializers.IntegerField()


class LevelServersOut(serializers.Serializer[Any]):
    """How many servers stand so on a level, and the address of these."""

    level = Choice(choices=list(levels.KEPT))
    state = Choice(choices=ServerLevels.State.values)
    servers = serializers.IntegerField()
    rows = serializers.CharField()


class OpenVulnerabilitiesOut(serializers.Serializer[Any]):
    """Open vulnerabilities of one severity against their due day, and the mean days from opening to closing of those
    that were `mended` within 90 days; null where none was.
    """

    severity = SeverityWord()
    total = serializers.IntegerField()
    overdue = serializers.IntegerField()
    due_soon = serializers.IntegerField()
    in_time = serializers.IntegerField()
    mended = serializers.IntegerField()
    days_to_mend = Number(allow_null=True)
    rows = serializers.CharField(help_text="address of the list of all of them")


class FreshnessOut(serializers.Serializer[Any]):
    """A feed (by its id) or a collector (by its word), and when it last told anything."""

    kind = Choice(choices=["feed", "collector"])
    key = serializers.CharField()
    name = serializers.CharField()
    what = serializers.CharField()
    state = Choice(choices=list(looks.kinds()["freshness"]))
    at = Moment(allow_null=True)


class HealthDayOut(serializers.Serializer[Any]):
    """How the servers stood on a day, as it was written that day; null for a day on which nothing was written."""

    day = serializers.DateField()
    figures: Any = serializers.DictField(child=serializers.IntegerField(), allow_null=True)


class LoadOut(serializers.Serializer[Any]):
    """What a vendor, host, country or package carries: approved servers, and those of them of tier 1 or 2."""

    key = serializers.CharField(
        help_text="the id of a vendor, the code of a country; else a name, of a package with its ecosystem"
    )
    name = serializers.CharField()
    critical = serializers.IntegerField()
    servers = serializers.IntegerField()


class IndexOut(serializers.Serializer[Any]):
    """How concentrated critical servers are: the Herfindahl-Hirschman index over those `servers` of all (`of`) for
    which one is on record; one with several counts for each in equal parts.
    """

    index = serializers.IntegerField(help_text="0 to 10,000: a single one for all")
    servers = serializers.IntegerField()
    of = serializers.IntegerField()


class IndexesOut(serializers.Serializer[Any]):
    """How concentrated critical servers are on what; null where none of any is on record."""

    publishers = IndexOut(allow_null=True)
    hosts = IndexOut(allow_null=True)
    upstream_services = IndexOut(allow_null=True)
    model_providers = IndexOut(allow_null=True)
    countries = IndexOut(allow_null=True)
    maintainers = IndexOut(allow_null=True)


class ConcentrationOut(serializers.Serializer[Any]):
    """What carries most critical servers, by kind, the most first, at most 50 of each; and how
    concentrated these are.
    """

    vendors = LoadOut(many=True)
    hosts = LoadOut(many=True)
    upstream_services = LoadOut(many=True)
    model_providers = LoadOut(many=True)
    countries = LoadOut(many=True, help_text="where a vendor behind the servers sits")
    maintainers = LoadOut(many=True)
    packages = LoadOut(many=True)
    indexes = IndexesOut()


class SupplyChainOut(serializers.Serializer[Any]):
    """The figures of the page; `servers` is a page of the `total` that fit the filters, `next` leads on."""

    as_of = Moment()
    tiles = TileOut(many=True)
    levels = LevelServersOut(many=True)
    vulnerabilities = OpenVulnerabilitiesOut(many=True)
    feeds = FreshnessOut(many=True)
    collectors = FreshnessOut(many=True)
    history = HealthDayOut(many=True)
    total = serializers.IntegerField()
    servers = ServerLevelsOut(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class _Listed:
    of, orders = SUPPLY_CHAIN, (SUPPLY_CHAIN.default,)


class SupplyChainView(_Listed, Door):
    """The health of the supply chain, with its list page by page."""

    @described(
        parameters=[
            OpenApiParameter(name, str, description="As the filter of the page; the figures follow `unit` alone.")
            for name in _PARAMETERS
        ]
        + [
            OpenApiParameter(one["name"], one["schema"], description=one["description"])
            for one in Keyset().get_schema_operation_parameters(_Listed)
        ],
        responses={200: SupplyChainOut, 400: None},
    )
    def get(self, request: Request) -> Response:
        """Return how servers stand on each level, what is open, and how fresh what is known is."""
        refuse_unknown(request, known=PAGING | set(_PARAMETERS), also=SupplyChainFilters.aliases)
        refuse_repeated(request, also=SupplyChainFilters.repeated(request.query_params))
        now = timezone.now()
        keeping.follow(now=now)
        data = {**self._figures(request, now=now), **self._servers(request, now=now)}
        return Response(SupplyChainOut(data, context={"request": request}).data)

    def _servers(self, request: Request, *, now: datetime) -> dict[str, Any]:
        """Return the page of the list, the pages beside it, and how many servers there are on all of them."""
        every = SUPPLY_CHAIN.rows(self.person)
        asked = SupplyChainFilters(request.query_params, every, request=request, now=now)
        if not asked.is_valid():
            raise ValidationError(asked.errors)
        pages = Keyset()
        rows = pages.read(asked.qs, request, self, shown=every)
        page = pages.get_paginated_response([_of_server(row) for row in rows]).data
        beside = {"next": page["next"], "previous": page["previous"]}
        return {"total": asked.qs.order_by().count(), "servers": page["results"], **beside}

    def _figures(self, request: Request, *, now: datetime) -> dict[str, Any]:
        user, today, unit = self.person, timezone.localdate(now), self._unit(request)
        counted = kept.figures(user, unit=unit, today=today)
        open_now, found = counted.vulnerabilities, health.health(user, counted.levels, unit=unit)
        tiles = health.of_tiles(found, open_now, today=today)
        return {
            "as_of": now,
            "tiles": [
                {"key": one.key, "label": one.label, "value": one.value, "of": one.of,
                 "rows": _address(one.noun, one.filters)}
                for one in tiles
            ],
            "levels": [_of_part(one) for one in found.parts],
            "vulnerabilities": [_of_severity(one) for one in health.by_severity(open_now, found.of_unit, today=today)],
            "history": history.days(user, unit=unit, today=today),
            "feeds": list(freshness.feeds(user, now=now)),
            "collectors": list(freshness.of_collectors(user, now=now)),
        }  # fmt: skip

    def _unit(self, request: Request) -> Unit | None:
        asked = request.query_params.get("unit", "")
        return next((unit for unit in access.visible_units(self.person) if str(unit.pk) == asked), None)


class _Query(Body):
    unit = Known(Unit, required=False)


class ConcentrationView(Door):
    """What hangs on whom."""

    @described(
        parameters=[
            OpenApiParameter("unit", str, description="Id of a unit; without it all in which you have a role.")
        ],
        responses={200: ConcentrationOut, 422: None},
    )
    def get(self, request: Request) -> Response:
        """Return what carries most approved servers of the tiers 1 and 2."""
        read = _Query(data=request.query_params.dict(), context={"request": request})
        if not read.is_valid():
            raise ValidationError(read.errors)
        unit, user = read.validated_data.get("unit"), self.person
        keeping.follow(now=timezone.now())
        found = {
            _name_of(word): concentration.loads(kind, user, unit=unit) for kind, word in concentration.KINDS.items()
        }
        indexes = {
            _name_of(word): concentration.share(kind, user, unit=unit) for kind, word in concentration.SHARED.items()
        }
        data = {**found, "indexes": indexes}
        return Response(ConcentrationOut(data, context={"request": request}).data)


def _name_of(word: str) -> str:
    return word.lower().replace(" ", "_")


def _address(noun: str, filters: Mapping[str, str]) -> str:
    # These figures are no list of a noun.
    route = noun if noun == "supply-chain" else f"{noun}-list"
    return f"{reverse(f'api:{route}')}?{urlencode(filters)}"


def _of_severity(row: OfSeverity) -> dict[str, Any]:
    return {
        "severity": row.severity,
        "total": row.total,
        **{due: count for due, (count, _filters) in row.by_due.items()},
        "mended": row.mended,
        "days_to_mend": None if row.days is None else number_shown(row.days),
        "rows": _address("finding", row.filters),
    }


def _of_server(row: Server) -> dict[str, Any]:
    of = row.levels
    shown = [
        {
            "level": name,
            "state": getattr(of, name),
            "why": [{"code": code, "words": words} for code, words in of.why.get(name, [])],
        }
        for name in levels.KEPT
    ]
    return {
        "server": row,
        "unit": row.unit,
        "inherent_tier": row.inherent_tier,
        "levels": [*shown, {"level": levels.RUNTIME, "state": levels.NOT_WATCHED, "why": []}],
        "vulnerabilities": of.hits,
        "exploited": of.exploited,
        "malicious": of.malicious,
    }


def _of_part(part: health.Part) -> dict[str, Any]:
    rows = _address("supply-chain", part.filters)
    return {"level": part.level, "state": part.state, "servers": part.count, "rows": rows}
