"""The map of dependencies, of one server and of one vendor."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from reports import dependency_drawing
from vendors.models import Server, Vendor
from web.access import MemberRequest, member, visible
from web.dashboard import list_url
from work.supply_chain import dependencies, keeping, packages
from work.supply_chain.dependencies import Node

SECTION = "supply-chain-list"


@require_safe
@member
def server(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what one server hangs on: its vendors, its release, and what that is built from."""
    keeping.follow(now=timezone.now())
    row = visible(Server.objects.select_related("pinned_release", "levels"), request.user, pk=pk)
    drawn = dependencies.of_server(row)
    page = {
        "name": row.title,
        "words": "Its vendors, the release that is relied on, and its packages: what is hit, and what it needs itself.",
        "up_url": reverse("web:server-detail", args=[pk]),
        "up_label": row.title,
        "chart": dependency_drawing.drawing(drawn, title=f"What {row.title} hangs on", url=_url),
    }
    return render(request, "supply_chain/map.html", page | {"section": SECTION})


@require_safe
@member
def vendor(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what hangs on one vendor: the servers behind which it stands, and what hits their packages."""
    keeping.follow(now=timezone.now())
    row = visible(Vendor.objects.all(), request.user, pk=pk)
    drawn = dependencies.of_vendor(row, request.user)
    page = {
        "name": row.name,
        "words": "The servers behind which it stands, worst first, their releases, and the packages that are hit.",
        "up_url": reverse("web:vendor-detail", args=[pk]),
        "up_label": row.name,
        "chart": dependency_drawing.drawing(drawn, title=f"What hangs on {row.name}", url=_url),
    }
    return render(request, "supply_chain/map.html", page | {"section": SECTION})


def _url(node: Node) -> str:
    """Return where a box leads: a vendor or server to its own map, a package to the components of its name."""
    if node.kind == dependencies.PACKAGE:
        ecosystem, name = packages.read(node.key)
        return list_url("component-list", {"ecosystem": ecosystem, "name": name})
    route = {dependencies.VENDOR: "vendor-map", dependencies.SERVER: "server-map"}.get(node.kind)
    return reverse(f"web:{route}", args=[node.key]) if route and node.key else ""
