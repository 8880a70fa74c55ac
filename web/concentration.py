"""What hangs on whom: what carries most critical servers, and the servers that would be lost with one thing."""

from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.models import Unit
from web.access import MemberRequest, member
from work.supply_chain import concentration, keeping

SECTION = "supply-chain-list"


@require_safe
@member
def index(request: MemberRequest) -> HttpResponse:
    """Show what carries most critical servers, by kind, the most first."""
    keeping.follow(now=timezone.now())
    units, unit = units_of(request)
    kind = request.GET.get("kind", concentration.VENDOR)
    kind = kind if kind in concentration.KINDS else concentration.VENDOR
    of_unit = {"unit": str(unit.pk)} if unit else {}
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
            for one in concentration.loads(kind, request.user, unit=unit)
        ],
        "columns": ("Critical servers lost", "Approved servers lost"),
        "most": concentration.NAMED,
        "share": concentration.share(request.user, unit=unit) if kind == concentration.VENDOR else None,
        "section": SECTION,
    }
    return render(request, "supply_chain/concentration.html", shown)


@require_safe
@member
def lost(request: MemberRequest) -> HttpResponseBase:
    """Show the servers that would be lost with one vendor, host, maintainer or package, each with how.

    Of nothing it is what carries most.
    """
    if not request.GET.get("key"):
        return index(request)
    keeping.follow(now=timezone.now())
    _units, unit = units_of(request)
    kind, key = request.GET.get("kind", ""), request.GET.get("key", "")
    if kind not in concentration.KINDS or "\0" in key:
        raise Http404
    name, servers = concentration.lost(kind, key, request.user, unit=unit)
    if not name:
        raise Http404
    shown = {
        "name": name,
        "kind": concentration.KINDS[kind].removesuffix("s").lower(),
        "servers": servers,
        "critical": sum(server.inherent_tier in concentration.CRITICAL_TIERS for server, _how in servers),
        "unit": unit,
        "vendor_url": reverse("web:vendor-detail", args=[key]) if kind == concentration.VENDOR else "",
        "map_url": reverse("web:vendor-map", args=[key]) if kind == concentration.VENDOR else "",
        "up_url": f"{reverse('web:supply-chain-concentration')}?{urlencode({'kind': kind})}",
        "section": SECTION,
    }
    return render(request, "supply_chain/lost.html", shown)


def units_of(request: MemberRequest) -> tuple[list[Unit], Unit | None]:
    """Return the units that the person sees, and the one of them that the address names, if any."""
    units = list(access.visible_units(request.user))
    return units, next((unit for unit in units if str(unit.pk) == request.GET.get("unit")), None)
