"""The dashboard for managers: the register at a glance, every number leading to the list of what it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from audit.events import words
from reports.drawings import charts, matrices
from riskregister import plurals
from scoring import methodology
from scoring.scales import Band
from vendors import belonging
from vendors.registering import registration
from web.page_parts import lists
from web.page_parts.access import MemberRequest, member, unit_asked
from work import changes, counting, kept, overview, tiles
from work.lists import SERVERS

PERIODS = {"7": "7 days", "30": "30 days", "90": "90 days"}
OF_SERVERS = ("Server", "Unit", "Tier", "Residual risk", "Assurance", "Owner", "Next review")


@dataclass(frozen=True, slots=True)
class Shown:
    """A tile with the address of its list."""

    tile: tiles.Tile
    url: str


@dataclass(frozen=True, slots=True)
class Change:
    """How often something happened in the period, and the events."""

    label: str
    count: int
    url: str


@require_safe
@member
def dashboard(request: MemberRequest) -> HttpResponse:
    """Show the register in numbers, for all units that the person sees or for one of them."""
    user, today = request.user, timezone.localdate()
    units, unit = unit_asked(request)
    if len(units) == 1 and not access.of(user).sees_all_units:
        unit = units[0]
    days = request.GET.get("days", "30")
    days = days if days in PERIODS else "30"
    begun = today - timedelta(days=int(days))
    of_unit = tiles.in_words(user, unit=unit)
    counted = kept.figures(user, unit=unit, today=today)
    changed = changes.since(user, unit=unit, moment=datetime.combine(begun, time(), timezone.get_default_timezone()))
    shown = {
        "units": units if len(units) > 1 else [],
        "unit": unit,
        "definition": belonging.WORDS if of_unit else "",
        "days": days,
        "periods": PERIODS,
        "tiles": [
            Shown(tile, list_url(f"{tile.noun}-list", tile.filters))
            for tile in tiles.tiles(counted, user, unit=unit, today=today)
        ],
        "matrix": _matrix(counted.servers, of_unit),
        "severe": _left_at(counted.servers, "high", "critical"),
        "unassessed": _left_at(counted.servers, "not_assessed"),
        "worst": lists.table_of(SERVERS, overview.most_at_risk(user, unit=unit), *OF_SERVERS),
        "ages": _ages(counted.findings),
        "owners": [(load, _owner_url(load, of_unit)) for load in counted.findings.owners],
        "dimensions": _dimensions(counted.dimensions),
        "trend": _trend(counted.occasions),
        "changes": [
            Change(_counted(verb, count), count, _trail(verb, begun, of_unit)) for verb, count in changed.counts.items()
        ],
        "ratings": changed.ratings,
        "total": counted.servers.total,
        "can_register": registration.register_server.may_somewhere(user),
        "section": "dashboard",
    }
    return render(request, "dashboard/dashboard.html", shown)


def _counted(verb: str, count: int) -> str:
    noun, _, happened = words(verb).partition(" ")
    return f"{plurals.word_for(count, noun)} {happened}"


def list_url(name: str, filters: Mapping[str, str]) -> str:
    """Return the address of a list with filters."""
    return f"{reverse(f'web:{name}')}?{urlencode(filters)}"


def _matrix(servers: overview.ServerFigures, of_unit: Mapping[str, str]) -> charts.Chart:
    links = {
        (tier, residual): list_url(
            "server-list", {"inherent_tier": str(tier), "residual": residual, **tiles.COUNTED, **of_unit}
        )
        for tier, residual in servers.matrix
    }
    return matrices.residual_matrix(servers.matrix, links=links)


def _left_at(servers: overview.ServerFigures, *residuals: str) -> int:
    return sum(count for (_tier, residual), count in servers.matrix.items() if residual in residuals)


def _ages(findings: overview.FindingFigures) -> charts.Chart:
    groups = [charts.AgeGroup(label, counts) for label, counts in zip(_age_words(), findings.by_age, strict=True)]
    return charts.severity_by_age(groups)


def _age_words() -> list[str]:
    between = [f"{above + 1} to {up_to} days" for above, up_to in pairwise(counting.AGE_GROUPS)]
    return [f"Up to {counting.AGE_GROUPS[0]} days", *between, f"Over {counting.AGE_GROUPS[-1]} days"]


def _owner_url(load: overview.OwnerLoad, of_unit: Mapping[str, str]) -> str:
    whose = {"status": "fixing", "is_overdue": "true", "owner": str(load.owner_id or "none")}
    return list_url("finding-list", {**whose, **of_unit})


def _dimensions(found: Sequence[overview.DimensionFigures]) -> dict[str, object]:
    method = methodology.load()
    bars = []
    for one in found:
        known = method.dimension(one.key)
        band = Band.NOT_ASSESSED if one.mean is None else method.band(one.mean)
        bars.append(charts.DimensionBar(one.name, known.weight, one.mean, band))
    return {
        "chart": charts.dimension_bars(bars, bands=method.bands, title="Mean assurance by dimension"),
        "rows": found,
    }


def _trend(occasions: overview.Occasions) -> charts.Chart:
    labels = [f"{month:%b %y}" for month in occasions.months]
    series = [
        charts.Series("opened", tuple(occasions.opened), "high"),
        charts.Series("closed", tuple(occasions.closed), "positive"),
    ]
    return charts.trend(labels, series, title="Findings opened and closed by month")


def _trail(verb: str, begun: date, of_unit: Mapping[str, str]) -> str:
    return list_url("trail", {"verb": verb, "since": begun.isoformat(), **of_unit})
