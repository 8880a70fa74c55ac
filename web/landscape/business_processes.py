"""Business processes: the list, one with the use cases that it needs, and the pages of its steps."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from landscape import processes
from landscape.lists import PROCESSES
from landscape.models import BusinessProcess
from web.forms.reasons import ReasonForm
from web.forms.servers.landscape import ProcessForm
from web.page_parts import asking, buttons, history, listing, lists
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button

SECTION = "use-case-list"
BUTTONS = (
    Button(processes.rewrite, "rewrite", "Edit", is_main=True),
    Button(processes.end, "end", "End it", is_danger=True),
)
_MOST_SHOWN = 200


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the business processes that the person may see; `?format=csv` downloads exactly this view."""
    page = {"may_write": processes.write.may_somewhere(request.user), "section": SECTION}
    return listing.shown(request, PROCESSES, template="landscape/processes.html", page=page)


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a business process, and the use cases that it needs."""
    row = _find(request, pk)
    needs = row.needs.select_related("use_case").order_by("use_case__number")
    page = {
        "process": row,
        "needs": lists.first(needs, _MOST_SHOWN),
        "offers": [one for one in buttons.offers(BUTTONS, row, request.user, of="process") if not one.who],
        "section": SECTION,
        **history.shown(request.user, row),
    }
    return render(request, "landscape/process.html", page)


@asks
@member_who_may(processes.write)
def write(request: MemberRequest) -> HttpResponse:
    """Register a business process."""
    words = "What nobody knows yet can stay open, and is shown as not known."
    return asking.begin(
        request,
        asking.filled(request, ProcessForm, by=request.user),
        Page("Register a process", words, "Register", reverse("web:process-list"), "Business processes", SECTION),
        step=lambda data: processes.write(**data, by=request.user, now=timezone.now()),
        message="The process is registered.",
        route="web:process-detail",
    )


@asks
@member_who_may(processes.rewrite)
def rewrite(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change what is said of a business process."""
    row = _find(request, pk)
    form = asking.filled(request, ProcessForm, row=row, by=request.user)
    return asking.ask(
        request,
        form,
        _page_of(row, "Edit", "What is left open is shown as not known.", "Save"),
        step=lambda data: form.take(row, changes=data, by=request.user, now=timezone.now()),
        message="Saved.",
    )


@asks
@member_who_may(processes.end)
def end(request: MemberRequest, pk: UUID) -> HttpResponse:
    """End a business process."""
    row = _find(request, pk)
    words = "Nothing stops it any more. It stays on record and cannot be changed."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        _page_of(row, "End", words, "End it", danger=True),
        step=lambda data: processes.end(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} has ended.",
    )


def _find(request: MemberRequest, pk: UUID) -> BusinessProcess:
    return visible(BusinessProcess.objects.select_related("unit", "owner"), request.user, pk=pk)


def _page_of(row: BusinessProcess, heading: str, consequence: str, label: str, **how: Any) -> Page:
    back = reverse("web:process-detail", args=[row.pk])
    return Page(f"{heading}: {row.name}", consequence, label, back, row.ref, SECTION, **how)
