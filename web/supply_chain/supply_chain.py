"""The health of the supply chain: every server with its levels, what is open, and how fresh what is known is.

The page asks for its region again and again while somebody looks (static/js/live.js): an answer that is the same as the
last one is an empty 304.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from feeds.models import Feed
from reports.drawings import charts
from riskregister import looks, nouns
from web.home.dashboard import Shown, list_url
from web.page_parts import listing
from web.page_parts.access import MemberRequest, member, names_unseen_unit, units_of
from work import kept, tiles
from work.supply_chain import freshness, health, history, keeping, levels
from work.supply_chain.freshness import Source
from work.supply_chain.health import OfSeverity
from work.supply_chain.history import Day
from work.supply_chain.lists import SUPPLY_CHAIN

TEMPLATE = "supply_chain/index.html"
# By this header static/js/live.js asks for the region alone.
LIVE = "X-Live"
# The states of packages whose servers are drawn day by day, with their tones.
_DRAWN = {"affected": "high", "unknown": "medium", "clear": "info"}


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the supply chain's health, the worst servers first; `?format=csv` downloads exactly this table."""
    now = timezone.now()
    keeping.follow(now=now)
    if request.GET.get("format") == "csv":
        return listing.file_of(request, SUPPLY_CHAIN)
    listed = listing.listing(request, SUPPLY_CHAIN)
    page = {**_figures(request, now=now), "list": listed, "section": "supply-chain-list"}
    if LIVE in request.headers:
        return _region(request, page)
    return render(request, TEMPLATE, page)


def _region(request: MemberRequest, page: Mapping[str, Any]) -> HttpResponse:
    """Return the region that follows, or 304 where the browser has just this one."""
    body = render_to_string(f"{TEMPLATE}#live", page, request)
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    same = request.headers.get("If-None-Match") == tag
    response = HttpResponseNotModified() if same else HttpResponse(body)
    response["ETag"] = tag
    response["X-As-Of"] = date_format(timezone.localtime(page["now"]), "j M Y, H:i:s")
    return response


def _figures(request: MemberRequest, *, now: datetime) -> dict[str, Any]:
    user, today = request.user, timezone.localdate(now)
    _units, unit = units_of(request)
    counted = kept.figures(user, unit=unit, today=today)
    open_now, found = counted.vulnerabilities, health.health(user, counted.levels, unit=unit)
    return {
        "now": now,
        "is_unseen_unit": names_unseen_unit(request, unit),
        "health": found,
        "tiles": [Shown(one, _list_url(one)) for one in health.of_tiles(found, open_now, today=today)],
        "levels": [
            (levels.WORDS[name], [(part, list_url("supply-chain-list", part.filters)) for part in found.of(name)])
            for name in levels.KEPT
        ],
        "severities": _severities(health.by_severity(open_now, found.of_unit, today=today)),
        "due": health.DUE.values(),
        **_history(history.days(user, unit=unit, today=today)),
        "feeds": [(one, _source_url(one)) for one in freshness.feeds(user, now=now)],
        "collectors": [(one, _source_url(one)) for one in freshness.of_collectors(user, now=now)],
    }


def _history(days: Sequence[Day]) -> dict[str, Any]:
    """Return how many servers were affected, unknown, and of which none was known: drawn, or the figures of one day."""
    drawn = {state: [_of_packages(day, state) for day in days] for state in _DRAWN}
    if len(days) < 2:
        first = {state: counts[0] for state, counts in drawn.items() if days}
        return {"history": None, "first_day": days[0].day if days else None, "on_first_day": first}
    series = [
        charts.Series(looks.word("package level", state).lower(), tuple(counts), _DRAWN[state])
        for state, counts in drawn.items()
    ]
    labels = [f"{one.day.day} {one.day:%b}" for one in days]
    title = "Servers by what is known of their packages, day by day"
    return {"history": charts.trend(labels, series, title=title, moments="Day")}


def _of_packages(day: Day, state: str) -> int | None:
    return day.figures[f"{levels.PACKAGE}_{state}"] if day.figures else None


def _list_url(tile: tiles.Tile) -> str:
    return list_url(f"{tile.noun}-list", tile.filters)


def _severities(rows: Iterable[OfSeverity]) -> list[tuple[OfSeverity, str, list[tuple[str, int, str]]]]:
    """Return the rows, each with its list, and its numbers with their words and the list of just these, if any."""
    return [
        (
            row,
            list_url("finding-list", row.filters),
            [
                (health.DUE[due], count, list_url("finding-list", of) if of else "")
                for due, (count, of) in row.by_due.items()
            ],
        )
        for row in rows
    ]


def _source_url(source: Source) -> str:
    """Return where a feed or the runs of a collector are shown, empty where they have no page."""
    if source.kind == "collector":
        return list_url("run-list", {"collector": source.key})
    page = next(iter(nouns.card(Feed).pages), None)
    return reverse(f"web:{page.route}", args=[source.key]) if page else ""
