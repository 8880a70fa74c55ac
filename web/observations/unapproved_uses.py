"""What is used and not approved: the list, one of them with where it is used, and the pages of its steps."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.steps import Step
from discovery import triage
from discovery.lists import UNAPPROVED_USES
from discovery.models import UnapprovedUse
from web.forms.observations.discoveries import RegisterUseForm, WatchUseForm
from web.forms.reasons import ReasonForm
from web.forms.servers.servers import ChosenServerForm
from web.observations.discoveries import SECTION
from web.page_parts import asking, buttons, history, listing, lists
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button

BUTTONS = (
    Button(triage.register, "register", "Register", is_main=True),
    Button(triage.link, "link", "It is a server that we have"),
    Button(triage.watch, "watch", "Watch"),
    Button(triage.deny, "deny", "Deny", is_danger=True),
)
SHOWN = 50


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show what is used and not approved; `?format=csv` downloads exactly this view."""
    return listing.shown(request, UNAPPROVED_USES, template="unapproved_uses/index.html", page={"section": SECTION})


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what it is, where it is used, and what can be done about it."""
    row = _find(request, pk)
    page = {
        "use": row,
        "known": row.known,
        "offers": [one for one in buttons.offers(BUTTONS, row, request.user, of="unapproved-use") if not one.who],
        "seen": lists.first(row.seen(), SHOWN),
        "section": SECTION,
        **history.shown(request.user, row),
    }
    return render(request, "unapproved_uses/detail.html", page)


@asks
@member_who_may(triage.register)
def register(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Make a requested server of it."""
    row = _find_for(triage.register, request, pk)
    words = "It becomes a requested server of the unit: import its server.json next, and start its assessment."
    page = _page_of(row, "Register", words, "Register it")
    offer = triage.register.offer(row, request.user)
    if not offer.is_possible:
        return asking.refuse(request, _page_of(row, "Register", offer.why_not, ""))
    return asking.ask(
        request,
        asking.filled(request, RegisterUseForm, initial=RegisterUseForm.begin(row)),
        page,
        step=lambda data: triage.register(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is registered. The page of its server says what comes next.",
    )


@asks
@member_who_may(triage.link)
def link(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Say which server of the unit it is."""
    row = _find_for(triage.link, request, pk)
    words = "From now on whatever is configured so counts as this server: approved while that is."
    return asking.ask(
        request,
        asking.filled(request, ChosenServerForm, unit=row.unit, known=row.known),
        _page_of(row, "It is a server that we have", words, "It is this server"),
        step=lambda data: triage.link(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is known as that server now.",
    )


@asks
@member_who_may(triage.deny)
def deny(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Say that the use must end."""
    words = "It must end. If a report names it again, the analysts and managers of the unit are told once."
    return _moved(request, pk, "Deny", words, ReasonForm, triage.deny, "{} is denied.", danger=True)


@asks
@member_who_may(triage.watch)
def watch(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Let it be until a day."""
    words = "It is let be until a day. The day after, it waits for a decision again and the analysts are told."
    return _moved(request, pk, "Watch", words, WatchUseForm, triage.watch, "{} is watched.")


def _moved(
    request: MemberRequest,
    pk: UUID,
    label: str,
    words: str,
    form: Any,
    step: Step[Any, Any],
    message: str,
    *,
    danger: bool = False,
) -> HttpResponse:
    row = _find_for(step, request, pk)
    return asking.ask(
        request,
        asking.filled(request, form),
        _page_of(row, label, words, label, danger=danger),
        step=lambda data: step(row, **data, by=request.user, now=timezone.now()),
        message=message.format(row.ref),
    )


def _find(request: MemberRequest, pk: UUID) -> UnapprovedUse:
    rows = UnapprovedUse.objects.with_machines().select_related("unit", "server", "decided_by")
    return visible(rows, request.user, pk=pk)


def _find_for(step: Step[Any, Any], request: MemberRequest, pk: UUID) -> UnapprovedUse:
    """Return a use on which the person may take the step; raise NotPermitted for whoever only sees it."""
    row = _find(request, pk)
    step.require(row, request.user)
    return row


def _page_of(row: UnapprovedUse, heading: str, words: str, label: str, *, danger: bool = False) -> Page:
    back = reverse("web:unapproved-use-detail", args=[row.pk])
    return Page(f"{heading}: {row.name}", words, label, back, row.ref, SECTION, danger)
