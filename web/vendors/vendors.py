"""Pages of vendors: the list, and what the register knows of one."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments import suppliers
from assessments.lists import behind_vendor
from findings.lists import about_supplier
from vendors.models import Server, ServerSupplier, SubProcessor, Vendor
from vendors.registering import relations
from web.page_parts import history, listing, lists
from web.page_parts.access import MemberRequest, member, visible
from web.servers import evidenceframe
from web.servers.serverframe import Tab, acts
from web.servers.servers import findings_page
from web.vendors import vendor_moves, vendor_reliance
from work import vendor_head
from work.lists import SUPPLIED, VENDORS

TABS = {
    "vendor-detail": "Overview",
    "vendor-servers": "Servers",
    "vendor-assessments": "Assessments",
    "vendor-contracts": "Contracts",
    "vendor-findings": "Findings",
    "vendor-assurance": "Assurance",
    "vendor-evidence": "Evidence",
    "vendor-history": "History",
}
LOOK_ALIKES = 10
SERVERS_SHOWN = 200


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the vendors; `?format=csv` downloads exactly this view."""
    page = {"can_register": relations.register_vendor.may_somewhere(request.user)}
    return listing.shown(request, VENDORS, template="vendors/index.html", page=page)


@require_safe
@member
def overview(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a vendor's facts, its people, and whom it belongs to and uses."""
    page = frame(request, pk, "relationship_owner", "parent", "substitutability", tab="vendor-detail")
    vendor: Vendor = page["vendor"]
    uses = _uses(pk)
    extra = {
        "judgement": suppliers.judgement(vendor, today=timezone.localdate()),
        "reliance": vendor_reliance.of(vendor, today=timezone.localdate()),
        "contacts": list(vendor.contacts.all()),
        "names": [vendor.name],
        "look_alikes": list(Vendor.objects.visible_to(request.user).looking_like(vendor).only("name")[:LOOK_ALIKES]),
        "subsidiaries": list(vendor.subsidiaries.only("name")),
        "sub_processors": [row for row in uses if row.vendor_id == pk],
        "events": history.of(request.user, vendor, limit=history.LATEST),
        "history_url": reverse("web:vendor-history", args=[pk]),
        "used_by": [row for row in uses if row.used_id == pk],
    }
    return render(request, "vendors/overview.html", page | extra)


def _uses(pk: UUID) -> list[SubProcessor]:
    """Return whom a vendor uses, and who uses it. One statement."""
    rows = SubProcessor.objects.filter(Q(vendor=pk) | Q(used=pk)).select_related("vendor", "used")
    return list(rows.only("purpose", "vendor__name", "used__name"))


@require_safe
@member
def servers(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the servers behind which a vendor stands, with its role."""
    page = frame(request, pk, tab="vendor-servers")
    seen = Server.objects.visible_to(request.user)
    rows = ServerSupplier.objects.filter(vendor=pk, server__in=seen).select_related("server__unit", "server__rating")
    worst_first = rows.order_by("server__rating__residual_rank", "server__inherent_tier", "server__title", "role")
    all_url = f"{reverse('web:server-list')}?{urlencode({'vendor': pk})}"
    shown = {"supplies": lists.table(SUPPLIED, worst_first, most=SERVERS_SHOWN), "all_url": all_url}
    return render(request, "vendors/servers.html", page | shown)


@require_safe
@member
def findings(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the findings about a vendor and about the servers that it stands behind."""
    page = frame(request, pk, tab="vendor-findings")
    shown = findings_page(request, about_supplier(pk), subject={"vendor": str(pk)}, can_raise=page["acts"].write)
    return render(request, "vendors/findings.html", page | shown)


@require_safe
@member
def evidence(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the evidence behind the answers about a vendor."""
    page = frame(request, pk, tab="vendor-evidence")
    shown = evidenceframe.tab(request.user, behind_vendor(pk), vendor=pk)
    return render(request, "vendors/evidence.html", page | shown)


@require_safe
@member
def happened(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what happened to a vendor."""
    page = frame(request, pk, tab="vendor-history")
    vendor = page["vendor"]
    return render(request, "vendors/history.html", page | history.shown(request.user, vendor))


def frame(request: HttpRequest, pk: UUID, *also: str, tab: str) -> dict[str, Any]:
    """Return the context of a tab: the vendor with its figures, tabs, what the person may do, and the moves.

    `also` names relations of the vendor that the tab shows.
    """
    vendor = visible(Vendor.objects.select_related(*also), request.user, pk=pk)  # type: ignore[arg-type]
    head = vendor_head.of(vendor, request.user)
    counts = {"vendor-servers": head.servers, "vendor-findings": head.findings_open}
    return {
        "vendor": vendor,
        "head": head,
        "acts": acts(request.user, None),  # type: ignore[arg-type]
        "tabs": [Tab(reverse(f"web:{n}", args=[pk]), word, counts.get(n), n == tab) for n, word in TABS.items()],
        "moves": list(vendor_moves.offered(vendor, request.user)),  # type: ignore[arg-type]
        "register_url": f"{reverse('web:server-register')}?{urlencode({'publisher': pk})}",
        "section": "vendor-list",
    }
