"""What stops if a server, a shared service or a vendor stops."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from landscape import impact
from landscape.models import SharedService
from vendors.models import Server, Vendor
from web.page_parts.access import MemberRequest, member, visible
from web.page_parts.object_pages import url_of


@require_safe
@member
def of_server(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what stops if a server stops."""
    row = visible(Server.objects.all(), request.user, pk=pk)
    return _shown(request, row, row.title, section="server-list", up=reverse("web:server-detail", args=[pk]))


@require_safe
@member
def of_service(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what stops if a shared service stops, and what only when its stand-in fails too."""
    row = visible(SharedService.objects.all(), request.user, pk=pk)
    return _shown(request, row, row.name, section="use-case-list", up=reverse("web:shared-service-detail", args=[pk]))


@require_safe
@member
def of_vendor(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what stops if a vendor stops: its servers, those of vendors that use it, and what runs on its models."""
    row = visible(Vendor.objects.all(), request.user, pk=pk)
    return _shown(request, row, row.name, section="vendor-list", up=reverse("web:vendor-detail", args=[pk]))


def _shown(request: MemberRequest, row: Any, name: str, *, section: str, up: str) -> HttpResponse:
    found = impact.of(row, request.user)
    page = {
        "name": name,
        "impact": found,
        "groups": [(group, [(one, url_of(one.row)) for one in group.named]) for group in found.groups],
        "up_url": up,
        "section": section,
    }
    return render(request, "landscape/what_stops.html", page)
