"""Inventories: the list, one of them with what it lists, the document as it came, and its withdrawal."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import Capability
from composition import taking
from composition.lists import INVENTORIES
from composition.models import Inventory
from web import asking, buttons, downloads, history, listing, lists
from web.access import MemberRequest, member, member_who, visible
from web.asking import Page, asks
from web.buttons import Button
from web.forms.reasons import ReasonForm

SECTION = "server-list"
BUTTONS = (Button(taking.withdraw, "withdraw", "Withdraw", is_danger=True),)
SHOWN = 100


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the inventories that the person may see; `?format=csv` downloads exactly this view."""
    return listing.shown(request, INVENTORIES, template="inventories/index.html", page={"section": SECTION})


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show one inventory: what it is of, and what it lists."""
    row = _find(request, pk)
    components = row.components.select_related("package_version").order_by("package_version__name", "id")
    page = {
        "inventory": row,
        "components": lists.first(components, SHOWN),
        "offers": [one for one in buttons.offers(BUTTONS, row, request.user, of="inventory") if not one.who],
        "section": SECTION,
        **history.shown(request.user, row),
    }
    return render(request, "inventories/detail.html", page)


@require_safe
@member
def document(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """Hand out the document as it came."""
    row = _find(request, pk)
    where = {"up_url": reverse("web:inventory-detail", args=[pk]), "section": SECTION}
    return downloads.blob(
        request, row.document, name=row.file_name, media_type="application/octet-stream", noun="This document", **where
    )


@asks
@member_who(Capability.WRITE)
def withdraw(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Say that it is a wrong one."""
    row = _find(request, pk)
    words = (
        "It says nothing any more about the release, and what it alone showed counts as gone. If you have the right "
        "document, give that instead: it takes the place of this one."
    )
    back = reverse("web:inventory-detail", args=[pk])
    page = Page(f"Withdraw {row.ref}", words, "Withdraw", back, row.ref, SECTION, danger=True)
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        page,
        step=lambda data: taking.withdraw(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is withdrawn.",
    )


def _find(request: MemberRequest, pk: UUID) -> Inventory:
    rows = Inventory.objects.select_related("server__unit", "release", "given_by", "document", "superseded_by")
    return visible(rows, request.user, pk=pk)
