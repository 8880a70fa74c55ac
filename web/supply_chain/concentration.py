"""What hangs on whom: what carries most critical servers, and the servers that would be lost with one thing."""

from collections.abc import Iterable, Sequence
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from exits.models import ExitPlan
from landscape import impact, replacing
from vendors.models import Server
from web.page_parts import lists
from web.page_parts.access import MemberRequest, member, unit_asked
from work.supply_chain import concentration, keeping

SECTION = "supply-chain-list"
SHOWN = 50


@require_safe
@member
def index(request: MemberRequest) -> HttpResponse:
    """Show what carries most critical servers, by kind, the most first."""
    keeping.follow(now=timezone.now())
    units, unit = unit_asked(request)
    kind = request.GET.get("kind", concentration.VENDOR)
    kind = kind if kind in concentration.KINDS else concentration.VENDOR
    of_unit = {"unit": str(unit.pk)} if unit else {}
    loads = concentration.loads(kind, request.user, unit=unit)
    shown = {
        "kind": kind,
        "word": concentration.KINDS[kind],
        "tabs": [
            {"word": word, "url": f"?{urlencode({'kind': one, **of_unit})}", "count": None, "current": one == kind}
            for one, word in concentration.KINDS.items()
        ],
        "units": units if len(units) > 1 else [],
        "unit": unit,
        "loads": [
            (one, f"{reverse('web:supply-chain-lost')}?{urlencode({'kind': kind, 'key': one.key, **of_unit})}")
            for one in loads
        ],
        "is_of_vendors": kind in concentration.OF_VENDORS,
        "levels": _levels(kind, loads),
        "columns": ("Critical servers lost", "Approved servers lost"),
        "most": concentration.NAMED,
        "share": concentration.share(kind, request.user, unit=unit) if kind in concentration.SHARED else None,
        "shared": concentration.SHARED.get(kind, ""),
        "section": SECTION,
    }
    return render(request, "supply_chain/concentration.html", shown)


@require_safe
@member
def lost(request: MemberRequest) -> HttpResponseBase:
    """Show the servers that would be lost with one vendor, host, country or package, each with how.

    Of nothing it is what carries most.
    """
    if not request.GET.get("key"):
        return index(request)
    keeping.follow(now=timezone.now())
    _units, unit = unit_asked(request)
    kind, key = request.GET.get("kind", ""), request.GET.get("key", "")
    if kind not in concentration.KINDS or "\0" in key:
        raise Http404
    name, servers = concentration.lost(kind, key, request.user, unit=unit)
    if not name:
        raise Http404
    is_vendor = kind in concentration.OF_VENDORS
    shown = {
        "name": name,
        "kind": concentration.ONE[kind],
        "servers": servers,
        "processes": lists.first(impact.needing([server for server, _how in servers], request.user), SHOWN),
        "known": _known([server for server, _how in servers]),
        "level": replacing.levels_of(vendors=[UUID(key)]).get(UUID(key), "") if is_vendor else None,
        "critical": sum(server.inherent_tier in concentration.CRITICAL_TIERS for server, _how in servers),
        "unit": unit,
        "vendor_url": reverse("web:vendor-detail", args=[key]) if is_vendor else "",
        "map_url": reverse("web:vendor-map", args=[key]) if is_vendor else "",
        "stops_url": reverse("web:vendor-what-stops", args=[key]) if is_vendor else "",
        "up_url": f"{reverse('web:supply-chain-concentration')}?{urlencode({'kind': kind})}",
        "section": SECTION,
    }
    return render(request, "supply_chain/lost.html", shown)


def _levels(kind: str, loads: Iterable[concentration.Load]) -> dict[str, str]:
    """Return how easily each vendor could be replaced, by its key; empty where nobody knows."""
    if kind not in concentration.OF_VENDORS:
        return {}
    keys = [UUID(one.key) for one in loads]
    known = replacing.levels_of(vendors=keys)
    return {str(key): known.get(key, "") for key in keys}


def _known(servers: Sequence[Server]) -> dict[UUID, tuple[str, date | None, bool]]:
    """Return of servers how easily each could be replaced, when its exit plan was tried, and whether to try it anew."""
    keys, today = [server.pk for server in servers], timezone.localdate()
    levels = replacing.levels_of(servers=keys)
    plans = {plan.server_id: plan for plan in ExitPlan.objects.filter(server__in=keys)}
    tried = {key: (one.tried_on, one.state(today=today) == one.TO_TRY) for key, one in plans.items()}
    return {key: (levels.get(key, ""), *tried.get(key, (None, False))) for key in keys}
