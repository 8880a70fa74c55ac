"""The health of the supply chain: every server with its levels, what is open, and how fresh what is known is.

The page asks for its region again and again while somebody looks (static/js/live.js): an answer that is the same as the
last one is an empty 304.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any

from django.http import HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from accounts import access
from accounts.models import Unit
from feeds.models import Feed
from riskregister import nouns
from web import listing
from web.access import MemberRequest, member
from web.dashboard import Shown, list_url
from work import counting, kept, tiles
from work.supply_chain import freshness, health, keeping, levels
from work.supply_chain.freshness import Source
from work.supply_chain.health import OfSeverity
from work.supply_chain.lists import SUPPLY_CHAIN

TEMPLATE = "supply_chain/index.html"
# By this header static/js/live.js asks for the region alone.
LIVE = "X-Live"


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
    unit = _unit(request)
    open_now = kept.figures(user, unit=unit, today=today).vulnerabilities
    found = health.health(user, unit=unit)
    since = datetime.combine(today - counting.FOUND_WITHIN, time(), timezone.get_default_timezone())
    return {
        "now": now,
        "health": found,
        "tiles": [Shown(one, _list_url(one)) for one in health.of_tiles(found, open_now, since=since)],
        "levels": [
            (levels.WORDS[name], [(part, list_url("supply-chain-list", part.filters)) for part in found.of(name)])
            for name in levels.KEPT
        ],
        "severities": _severities(health.by_severity(open_now, found.of_unit, today=today)),
        "due": health.DUE.values(),
        "feeds": [(one, _source_url(one)) for one in freshness.feeds(user, now=now)],
        "collectors": [(one, _source_url(one)) for one in freshness.of_collectors(user, now=now)],
    }


def _unit(request: MemberRequest) -> Unit | None:
    asked = request.GET.get("unit", "")
    return next((unit for unit in access.visible_units(request.user) if str(unit.pk) == asked), None)


def _list_url(tile: tiles.Tile) -> str:
    return list_url(f"{tile.noun}-list", tile.filters)


def _severities(rows: Iterable[OfSeverity]) -> list[tuple[OfSeverity, str, list[tuple[int, str]]]]:
    """Return the rows, each with its list, and its numbers with the list of just these, if there is one."""
    return [
        (
            row,
            list_url("finding-list", row.filters),
            [(count, list_url("finding-list", of) if of else "") for count, of in row.by_due.values()],
        )
        for row in rows
    ]


def _source_url(source: Source) -> str:
    """Return where a feed or the runs of a collector are shown, empty where they have no page."""
    if source.kind == "collector":
        return list_url("run-list", {"collector": source.key})
    page = next(iter(nouns.card(Feed).pages), None)
    return reverse(f"web:{page.route}", args=[source.key]) if page else ""
