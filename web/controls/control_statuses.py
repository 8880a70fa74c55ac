"""Statuses of controls: the list, one with its history, and the pages that change it or take it back."""

from datetime import date
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from controls import statuses
from controls.in_place import reading
from controls.in_place.effective import Effective
from controls.lists import CONTROL_STATUSES
from controls.models import ControlStatus
from vendors.models import Server
from web.forms.controls.control_statuses import StatusForm
from web.page_parts import asking, buttons, history, listing
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button

BUTTONS = (
    Button(statuses.restate, "restate", "Change the status", is_main=True),
    Button(statuses.withdraw, "withdraw", "Take it back"),
)
_SECTION = "framework-list"


class WithdrawForm(forms.Form):
    """Why nothing is known of the control here any more."""

    reason = forms.CharField(label="Why", widget=forms.Textarea(attrs={"rows": 3}))


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the statuses that the person may see; `?format=csv` downloads exactly this view."""
    return listing.shown(request, CONTROL_STATUSES, template="controls/statuses.html", page={"section": _SECTION})


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what is stated of a control in one place, what holds there, and why."""
    row = _find(request, pk)
    offers = list(buttons.offers(BUTTONS, row, request.user, of="control-status"))
    today = timezone.localdate()
    page = {
        "row": row,
        "today": today,
        "holds": _holding(row, today=today),
        "offers": [offer for offer in offers if not offer.who],
        **history.shown(request.user, row),
        "section": _SECTION,
    }
    return render(request, "controls/status.html", page)


@asks
@member_who_may(statuses.restate)
def restate(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change what is stated."""
    row = _find(request, pk)
    statuses.restate.require(row, request.user)
    form = asking.filled(request, StatusForm, row=row, person=request.user, unit_id=row.unit_id)
    words = f"{row.control.title}. {row.control.requirement}".strip()
    return asking.ask(
        request,
        form,
        _page_of(row, "Change the status", words, "Save"),
        step=lambda data: form.take(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is saved.",
    )


@asks
@member_who_may(statuses.withdraw)
def withdraw(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Take a status back to "not known"."""
    row = _find(request, pk)
    statuses.withdraw.require(row, request.user)
    words = "Nothing is known of the control here then, but what is stated more generally or found by an assessment."
    return asking.ask(
        request,
        asking.filled(request, WithdrawForm),
        _page_of(row, "Take the status back", words, "Take it back"),
        step=lambda data: statuses.withdraw(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is taken back.",
    )


def _holding(row: ControlStatus, *, today: date) -> Effective:
    """Return what holds of the control in the place that the status is of."""
    if row.service_id:
        return reading.load_service(row.service_id, today=today).of_service(row.service_id, row.control_id)
    loaded = reading.load_servers(Server.objects.filter(control_statuses=row), today=today)
    return loaded.effective(row.server_id, row.control_id, deployment=row.deployment_id)


def _find(request: MemberRequest, pk: UUID) -> ControlStatus:
    near = ("control__framework", "unit", "service", "server__unit", "deployment", "owner", "evidence", "stated_by")
    return visible(ControlStatus.objects.select_related(*near), request.user, pk=pk)


def _page_of(row: ControlStatus, heading: str, consequence: str, label: str) -> Page:
    back = reverse("web:control-status-detail", args=[row.pk])
    return Page(f"{heading}: {row.control.ref}", consequence, label, back, row.ref, _SECTION)
