"""Pages of vendors: the list, and what the register knows of one."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Case, Count, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import access
from accounts.access import Capability
from scoring.scales import Residual
from vendors.models import Criticality, Server, ServerSupplier, SubProcessor, Vendor
from web import evidenceframe, history, lists
from web.access import MemberRequest, member, visible
from web.filters.evidence import behind_vendor
from web.filters.vendors import VendorFilters
from web.serverframe import Tab, acts, count_of, to_do
from web.servers import findings_page

SORTS = {
    "number": ("-number",),
    "name": ("name",),
    "status": ("status", "name"),
    "criticality": ("criticality_rank", "name"),
    "servers": ("-servers_count", "name"),
    "residual": ("worst_rank", "name"),
    "findings": ("-findings_open", "name"),
    "review": ("next_review_on", "name"),
}
COLUMNS = {
    "Number": lambda row: row.ref,
    "Name": lambda row: row.name,
    "Legal entity": lambda row: row.legal_entity,
    "Supplies": lambda row: ", ".join(str(kind) for kind in row.kinds.all()),
    "Status": lambda row: row.get_status_display(),
    "Criticality": lambda row: row.get_criticality_display(),
    "Country": lambda row: row.country,
    "Website": lambda row: row.website,
    "Owner": lambda row: row.relationship_owner.name if row.relationship_owner else "",
    "Servers": lambda row: row.servers_count,
    "Worst residual risk": lambda row: Residual(_worst(row)).label if _worst(row) else "",
    "Findings to do": lambda row: row.findings_open,
    "Next review": lambda row: row.next_review_on,
}
LIST = lists.Kind("vendors", VendorFilters, SORTS, default="name", columns=COLUMNS)
TABS = {
    "vendor-detail": "Overview",
    "vendor-servers": "Servers",
    "vendor-findings": "Findings",
    "vendor-evidence": "Evidence",
    "vendor-history": "History",
}
SERVERS_SHOWN = 200
MOVES = {
    Vendor.Status.ACTIVE: "Activate",
    Vendor.Status.OFFBOARDING: "Begin offboarding",
    Vendor.Status.OFFBOARDED: "Offboard",
    Vendor.Status.PROSPECTIVE: "Consider again",
}


@require_safe
@member
def index(request: MemberRequest) -> HttpResponse:
    """Show the vendors; `?format=csv` downloads exactly this view."""
    rows = _listed(request)
    if lists.wants_csv(request):
        return lists.csv_of(request, rows, LIST)  # type: ignore[return-value]
    shown = lists.listing(request, rows, LIST)
    for row in shown.rows:
        row.worst = _worst(row)
    page = {
        "list": shown,
        "can_register": access.of(request.user).can(Capability.WRITE),
    }
    return render(request, "vendors/index.html", page)


@require_safe
@member
def overview(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a vendor's facts, its people, and whom it belongs to and uses."""
    page = frame(request, pk, tab="vendor-detail")
    vendor: Vendor = page["vendor"]
    extra = {
        "contacts": list(vendor.contacts.all()),
        "subsidiaries": list(vendor.subsidiaries.only("name")),
        "sub_processors": list(vendor.sub_processors.select_related("used")),
        "events": history.of(request.user, vendor, limit=history.LATEST),
        "history_url": reverse("web:vendor-history", args=[pk]),
        "used_by": list(SubProcessor.objects.filter(used=vendor).select_related("vendor")),
    }
    return render(request, "vendors/overview.html", page | extra)


@require_safe
@member
def servers(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the servers behind which a vendor stands, with its role."""
    page = frame(request, pk, tab="vendor-servers")
    seen = Server.objects.visible_to(request.user)
    rows = ServerSupplier.objects.filter(vendor=pk, server__in=seen).select_related("server__unit", "server__rating")
    worst_first = rows.order_by("server__rating__residual_rank", "server__inherent_tier", "server__title", "role")
    all_url = f"{reverse('web:server-list')}?{urlencode({'vendor': pk})}"
    shown = {"supplies": lists.first(worst_first, SERVERS_SHOWN), "all_url": all_url}
    return render(request, "vendors/servers.html", page | shown)


@require_safe
@member
def findings(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the findings about a vendor and about the servers that it stands behind."""
    page = frame(request, pk, tab="vendor-findings")
    supplied = ServerSupplier.objects.filter(vendor=pk).values("server")
    about = Q(vendor=pk) | Q(server__in=supplied)
    shown = findings_page(request, about, subject={"vendor": str(pk)}, can_raise=page["acts"].write)
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


def frame(request: HttpRequest, pk: UUID, *, tab: str) -> dict[str, Any]:
    """Return the context of a tab: the vendor with its figures, tabs, what the person may do, and the moves."""
    rows = _figures(Vendor.objects.select_related("relationship_owner", "parent"), request.user)
    vendor = visible(rows.prefetch_related("kinds"), request.user, pk=pk)  # type: ignore[arg-type]
    counts = {"vendor-servers": vendor.servers_count, "vendor-findings": vendor.findings_open}  # type: ignore[attr-defined]
    return {
        "vendor": vendor,
        "acts": acts(request.user, None),  # type: ignore[arg-type]
        "tabs": [Tab(reverse(f"web:{n}", args=[pk]), word, counts.get(n), n == tab) for n, word in TABS.items()],
        "moves": [(to, MOVES[Vendor.Status(to)]) for to in sorted(Vendor.TRANSITIONS[vendor.status])],
        "worst": _worst(vendor),
        "register_url": f"{reverse('web:server-register')}?{urlencode({'publisher': pk})}",
        "section": "vendor-list",
    }


def _listed(request: HttpRequest) -> QuerySet[Vendor]:
    rows = Vendor.objects.visible_to(request.user).select_related("relationship_owner").prefetch_related("kinds")
    return _figures(rows.defer("notes"), request.user)


def _figures(rows: QuerySet[Vendor], user: object) -> QuerySet[Vendor]:
    """Return vendors with what the person sees of their servers, in columns; nothing of other units is counted."""
    mine = _supplies(user).filter(vendor=OuterRef("pk")).order_by().values("vendor")
    current = mine.exclude(server__status__in=Server.OUT_OF_USE)
    rank = Min(Coalesce("server__rating__residual_rank", 0))
    order = [When(criticality=word, then=Value(place)) for place, word in enumerate(Criticality.values)]
    return rows.annotate(
        servers_count=Coalesce(Subquery(mine.annotate(_n=Count("server", distinct=True)).values("_n")), 0),
        worst_rank=Subquery(current.annotate(_n=rank).values("_n")),
        next_review_on=Subquery(current.annotate(_n=Min("server__rating__next_review_on")).values("_n")),
        findings_open=count_of(to_do(user), "vendor") + count_of(to_do(user), "server__suppliers__vendor"),
        criticality_rank=Case(*order, default=Value(len(order))),
    )


def _supplies(user: object) -> QuerySet[ServerSupplier]:
    seen = access.of(user)
    return (
        ServerSupplier.objects.all()
        if seen.sees_all_units
        else ServerSupplier.objects.filter(server__unit_id__in=seen.unit_ids)
    )


def _worst(vendor: Vendor) -> str:
    """Return the worst residual risk of a vendor's servers, or an empty text when it has none."""
    rank = vendor.worst_rank  # type: ignore[attr-defined]
    return "" if rank is None else list(Residual)[rank].value
