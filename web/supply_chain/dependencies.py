"""The map of dependencies, of one server and of one vendor; and the chain, of one server and of one use case."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from landscape.models import UseCase
from reports.drawings import dependency_drawing
from vendors.models import Server, Vendor
from web.home.dashboard import list_url
from web.page_parts.access import MemberRequest, member, visible
from work.supply_chain import chain, dependencies, keeping, packages
from work.supply_chain.chain import Chain
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


@require_safe
@member
def server_chain(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the chain of a server: what works with it, on which models, who stands behind it, and who was judged."""
    row = visible(Server.objects.select_related("rating__assessment"), request.user, pk=pk)
    drawn = chain.of_server(row, request.user, today=timezone.localdate())
    return _chain(request, drawn, row.title, up_url=reverse("web:server-detail", args=[pk]), section="server-list")


@require_safe
@member
def use_case_chain(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the chain of a use case: its model, its servers, who stands behind them, and who was judged."""
    row = visible(UseCase.objects.select_related("model_vendor"), request.user, pk=pk)
    drawn = chain.of_use_case(row, request.user, today=timezone.localdate())
    return _chain(request, drawn, row.name, up_url=reverse("web:use-case-detail", args=[pk]), section="use-case-list")


def _chain(request: MemberRequest, drawn: Chain, name: str, *, up_url: str, section: str) -> HttpResponse:
    chart = dependency_drawing.of_columns(
        drawn,
        chain.COLUMNS,
        title=f"The chain of {name}",
        url=_url_in_chain,
        table=(chain.HEADINGS, tuple(chain.rows(drawn))),
    )
    words = (
        "From the use case to whoever stands last behind it, and whether each was judged. What is not on record is not"
        " drawn; who uses whom in a circle is drawn once."
    )
    page = {
        "name": name,
        "heading": "The chain",
        "words": " ".join((words, *drawn.left_out)),
        "up_url": up_url,
        "up_label": name,
        "chart": chart,
        "none": "No link of the chain is on record.",
        "section": section,
    }
    return render(request, "supply_chain/map.html", page)


def _url_in_chain(node: Node) -> str:
    """Return where a box of the chain leads: to the page of what it is of, a model to that of its vendor."""
    if node.kind == chain.MODEL:
        key = node.key.partition(":")[0]
        return reverse("web:vendor-detail", args=[key]) if node.sub != chain.NOBODY else ""
    route = {chain.USE_CASE: "use-case-detail", chain.SERVER: "server-detail"}.get(node.kind, "vendor-detail")
    return reverse(f"web:{route}", args=[node.key])


def _url(node: Node) -> str:
    """Return where a box leads: a vendor or server to its own map, a package to the components of its name."""
    if node.kind == dependencies.PACKAGE:
        ecosystem, name = packages.read(node.key)
        return list_url("component-list", {"ecosystem": ecosystem, "name": name})
    route = {dependencies.VENDOR: "vendor-map", dependencies.SERVER: "server-map"}.get(node.kind)
    return reverse(f"web:{route}", args=[node.key]) if route and node.key else ""
