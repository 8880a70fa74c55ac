"""Requests for servers: the form that anybody may fill in, the queue, a request, and the pages of its steps."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.access import Capability
from accounts.steps import Step
from intake import asking, availability, triage
from intake.lists import REQUESTS
from intake.models import ServerRequest
from vendors.models import Server
from vendors.registering import registration
from web.forms.reasons import OptionalReasonForm, ReasonForm
from web.forms.servers.intake import AskForm, RegisterAskedForm
from web.forms.servers.servers import ChosenServerForm
from web.page_parts import asking as pages
from web.page_parts import buttons, history, listing, steps
from web.page_parts.access import MemberRequest, anybody, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button
from web.servers import intake_parts

BUTTONS = (
    Button(triage.take_up, "take-up", "Take it up", when=("asked",), is_main=True),
    Button(triage.register, "register", "Register the server"),
    Button(triage.link, "link", "Choose the server"),
    Button(triage.decline, "decline", "Decline", is_danger=True),
    Button(asking.withdraw, "withdraw", "Withdraw"),
)


@require_safe
@anybody
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the requests of the person and of their units; `?format=csv` downloads exactly this view."""
    return listing.shown(request, REQUESTS, template="intake/index.html")


@asks
@anybody
def ask(request: MemberRequest) -> HttpResponse:
    """Ask for a server; one that may be used, or was stopped, is told at once. `?server=` names a registered one."""
    server, now = _server_in(request), timezone.now()
    begin = {"what": request.GET.get("what", "")[:200]}
    form = pages.filled(request, AskForm, by=request.user, server=server, initial=begin)
    if request.method == "POST" and form.is_valid():
        facts = {"what": ""} | form.cleaned_data
        made = steps.attempt(request, lambda: asking.ask(**facts, server=server, by=request.user, now=now), form=form)
        if made is not None:
            messages.success(request, f"{made.ref} is asked. You are told when it moves.")
            return redirect("web:request-detail", pk=made.pk)
        server = server or availability.named(facts["what"].strip(), unit=facts["unit"])
    page = {
        "form": form,
        "server": server,
        "section": "request-list",
        **intake_parts.known(server, request.user, now=now),
    }
    return render(request, "intake/ask.html", page, status=pages.status_of(form))


@require_safe
@anybody
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a request: what is asked, how far it is, what is missing before it can be granted, how to connect."""
    row, now = _find(request, pk), timezone.now()
    offers = [one for one in buttons.offers(BUTTONS, row, request.user, of="request") if not one.who]
    works_here = access.of(request.user).can(Capability.READ, row.unit_id)
    page = {
        "server_request": row,
        "offers": offers,
        "works_here": works_here,
        **intake_parts.of(row, works_here=works_here, now=now),
        **(history.shown(request.user, row) if works_here else {}),
    }
    return render(request, "intake/detail.html", page)


@asks
@anybody
def withdraw(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Withdraw one's own request."""
    row = _find(request, pk)
    if refusal := asking.withdraw.rule.why_barred(row, request.user):
        raise refusal
    return pages.ask(
        request,
        pages.filled(request, OptionalReasonForm),
        _page_of(row, "Withdraw", "Nobody looks at it any more. You may ask again.", "Withdraw"),
        step=lambda data: asking.withdraw(row, reason=data["reason"], by=request.user, now=timezone.now()),
        message=f"{row.ref} is withdrawn.",
    )


@asks
@member_who_may(triage.take_up)
def take_up(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Take a request up."""
    row = _find_for(triage.take_up, request, pk)
    return pages.ask(
        request,
        pages.filled(request, pages.Nothing),
        _page_of(row, "Take up", f"{row.asked_by} is told that you look at it.", "Take it up"),
        step=lambda _: triage.take_up(row, by=request.user, now=timezone.now()),
        message=f"{row.ref} is in review.",
    )


@asks
@member_who_may(triage.link)
def link(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Say which server a request is about."""
    row = _find_for(triage.link, request, pk)
    words = "If it is approved, the request is granted at once; else as soon as it is."
    return pages.ask(
        request,
        pages.filled(request, ChosenServerForm, unit=row.unit, known=row.server),
        _page_of(row, "Choose the server", words, "Choose it"),
        step=lambda data: triage.link(row, **data, by=request.user, now=timezone.now()),
        message=f"It is known which server {row.ref} is about.",
    )


@asks
@member_who_may(triage.register)
def register(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Register the server that a request is about; the form begins with what was asked."""
    row = _find_for(triage.register, request, pk)
    name = row.what if registration.is_registry_name(row.what) else ""
    begin = {"title": row.what[:160], "name": name, "purpose": row.purpose}
    form = pages.filled(request, RegisterAskedForm, by=request.user, initial=begin)
    words = f"It is registered in {row.unit}. The request is granted once it is approved."
    return pages.ask(
        request,
        form,
        _page_of(row, "Register the server", words, "Register it"),
        step=lambda data: triage.register(row, **data, by=request.user, now=timezone.now()),
        message="The server is on the register. Record its release next.",
    )


@asks
@member_who_may(triage.decline)
def decline(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Decline a request, with a reason."""
    row = _find_for(triage.decline, request, pk)
    return pages.ask(
        request,
        pages.filled(request, ReasonForm),
        _page_of(row, "Decline", f"{row.asked_by} is told, with your reason.", "Decline", danger=True),
        step=lambda data: triage.decline(row, reason=data["reason"], by=request.user, now=timezone.now()),
        message=f"{row.ref} is declined.",
    )


def _server_in(request: MemberRequest) -> Server | None:
    """Return the server that the address names, if the person may see it and ask for it."""
    key = request.GET.get("server", "")
    if not key:
        return None
    try:
        found = UUID(key)
    except ValueError:
        return None
    seen = Server.objects.visible_to(request.user).select_related("unit", "owner", "pinned_release")
    return seen.filter(pk=found).first()


def _find(request: MemberRequest, pk: UUID) -> ServerRequest:
    rows = ServerRequest.objects.select_related("unit", "server__owner", "asked_by", "taken_by", "decided_by")
    return visible(rows, request.user, pk=pk)


def _find_for(step: Step[Any, Any], request: MemberRequest, pk: UUID) -> ServerRequest:
    """Return a request on which the person may take the step; raise NotPermitted for whoever only sees it."""
    row = _find(request, pk)
    step.require(row, request.user)
    return row


def _page_of(row: ServerRequest, heading: str, consequence: str, label: str, *, danger: bool = False) -> Page:
    back = reverse("web:request-detail", args=[row.pk])
    return Page(f"{heading}: {row.what}", consequence, label, back, row.ref, "request-list", danger)
