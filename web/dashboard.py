"""The dashboard for managers: the register at a glance, every number leading to the list of what it counts."""

from collections.abc import Mapping
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
from accounts.access import Capability
from accounts.models import Unit, User
from audit.events import words
from reports import charts, matrices
from riskregister import plurals
from scoring import methodology
from scoring.scales import Band
from web import lists
from web.access import MemberRequest, member
from work import overview
from work.lists import SERVERS

PERIODS = {"7": "7 days", "30": "30 days", "90": "90 days"}
# The servers that the dashboard counts (overview.servers_counted), in the words of the list.
COUNTED: Mapping[str, str] = {"status": "current"}
OF_SERVERS = ("Server", "Unit", "Tier", "Residual risk", "Assurance", "Owner", "Next review")


@dataclass(frozen=True, slots=True)
class Tile:
    """One number: what it counts, where its list is, and how alarming it is."""

    label: str
    value: int
    url: str
    note: str = ""
    of: int | None = None
    tone: str = ""


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
    units = list(access.visible_units(user))
    unit = next((unit for unit in units if str(unit.pk) == request.GET.get("unit")), None)
    days = request.GET.get("days", "30")
    days = days if days in PERIODS else "30"
    begun = today - timedelta(days=int(days))
    servers = overview.servers(user, unit=unit, today=today)
    findings = overview.findings(user, unit=unit, today=today)
    occasions = overview.occasions(user, unit=unit, today=today)
    changes = overview.changes(user, unit=unit, since=datetime.combine(begun, time(), timezone.get_default_timezone()))
    shown = {
        "units": units if len(units) > 1 else [],
        "unit": unit,
        "days": days,
        "periods": PERIODS,
        "tiles": _tiles(servers, findings, occasions, unit=unit, today=today),
        "matrix": _matrix(servers, unit=unit),
        "severe": _left_at(servers, "high", "critical"),
        "unassessed": _left_at(servers, "not_assessed"),
        "worst": lists.table_of(SERVERS, overview.most_at_risk(user, unit=unit), *OF_SERVERS),
        "ages": _ages(findings),
        "owners": [(load, _owner_url(load, unit=unit)) for load in findings.owners],
        "dimensions": _dimensions(user, unit=unit),
        "trend": _trend(occasions),
        "changes": [
            Change(_counted(verb, count), count, _trail(verb, begun, unit)) for verb, count in changes.counts.items()
        ],
        "ratings": changes.ratings,
        "total": servers.total,
        "can_register": access.of(user).can(Capability.WRITE),
        "section": "dashboard",
    }
    return render(request, "dashboard/dashboard.html", shown)


def _counted(verb: str, count: int) -> str:
    noun, _, happened = words(verb).partition(" ")
    return f"{plurals.word_for(count, noun)} {happened}"


def list_url(name: str, unit: Unit | None, **filters: str) -> str:
    """Return the address of a list with filters, limited to the unit if one is given."""
    given = {**filters, **({"unit": str(unit.pk)} if unit else {})}
    return f"{reverse(f'web:{name}')}?{urlencode(given)}"


def _tiles(
    servers: overview.ServerFigures,
    findings: overview.FindingFigures,
    occasions: overview.Occasions,
    *,
    unit: Unit | None,
    today: date,
) -> list[Tile]:
    bad = "critical"
    soon = today + overview.EXPIRING_WITHIN
    return [
        Tile(
            "Servers in use",
            servers.in_use,
            list_url("server-list", unit, is_in_use="true", **COUNTED),
            of=servers.total,
        ),
        Tile(
            "In use without approval in date",
            servers.unapproved,
            list_url("server-list", unit, is_in_use="true", approval="missing", **COUNTED),
            tone=bad if servers.unapproved else "positive",
        ),
        Tile(
            "In use, not assessed",
            servers.unassessed,
            list_url("server-list", unit, is_in_use="true", residual="not_assessed", **COUNTED),
            tone=bad if servers.unassessed else "positive",
        ),
        Tile("Findings to do", findings.total, list_url("finding-list", unit, status="fixing")),
        Tile(
            "Findings overdue",
            findings.overdue,
            list_url("finding-list", unit, status="fixing", is_overdue="true"),
            tone=bad if findings.overdue else "positive",
        ),
        Tile(
            "Reviews overdue",
            occasions.reviews_overdue,
            list_url("review-list", unit, state="overdue"),
            tone=bad if occasions.reviews_overdue else "positive",
        ),
        Tile(
            "Acceptances ending soon",
            occasions.acceptances_expiring,
            list_url("acceptance-list", unit, state="expiring"),
            note=f"until {soon:%-d %b}",
            tone="medium" if occasions.acceptances_expiring else "",
        ),
    ]


def _matrix(servers: overview.ServerFigures, *, unit: Unit | None) -> charts.Chart:
    links = {
        (tier, residual): list_url("server-list", unit, inherent_tier=str(tier), residual=residual, **COUNTED)
        for tier, residual in servers.matrix
    }
    return matrices.residual_matrix(servers.matrix, links=links)


def _left_at(servers: overview.ServerFigures, *residuals: str) -> int:
    return sum(count for (_tier, residual), count in servers.matrix.items() if residual in residuals)


def _ages(findings: overview.FindingFigures) -> charts.Chart:
    groups = [charts.AgeGroup(label, counts) for label, counts in zip(_age_words(), findings.by_age, strict=True)]
    return charts.severity_by_age(groups)


def _age_words() -> list[str]:
    between = [f"{above + 1} to {up_to} days" for above, up_to in pairwise(overview.AGE_GROUPS)]
    return [f"Up to {overview.AGE_GROUPS[0]} days", *between, f"Over {overview.AGE_GROUPS[-1]} days"]


def _owner_url(load: overview.OwnerLoad, *, unit: Unit | None) -> str:
    return list_url("finding-list", unit, status="fixing", is_overdue="true", owner=str(load.owner_id or "none"))


def _dimensions(user: User, *, unit: Unit | None) -> dict[str, object]:
    method = methodology.load()
    found = overview.dimensions(user, unit=unit)
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


def _trail(verb: str, begun: date, unit: Unit | None) -> str:
    return list_url("trail", unit, verb=verb, since=begun.isoformat())
