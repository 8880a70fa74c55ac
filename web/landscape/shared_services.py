"""Shared services: the list, one with the deployments behind it, and the pages of its steps."""

from typing import Any
from uuid import UUID

from django.db.models import Case, QuerySet, Value, When
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from controls import statuses
from controls.in_place import inheriting
from controls.in_place.effective import WORST_FIRST
from controls.models import ControlStatus
from landscape import shared_services
from landscape.lists import SHARED_SERVICES
from landscape.models import DeploymentService, SharedService
from vendors.models import Deployment
from web.forms.reasons import ReasonForm
from web.forms.servers.landscape import RunsBehindForm, ServiceAssessmentForm, ServiceForm
from web.page_parts import asking, buttons, history, listing, lists
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button
from web.servers.serverframe import page_of as page_of_server

SECTION = "use-case-list"
BUTTONS = (
    Button(shared_services.record_assessment, "assess", "Record an assessment", is_main=True),
    Button(shared_services.rewrite, "rewrite", "Edit"),
    Button(shared_services.end, "end", "End it", is_danger=True),
)
_MOST_SHOWN = 200
_STANDING = SharedService.Status.STANDING


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the shared services that the person may see; `?format=csv` downloads exactly this view."""
    page = {"may_write": shared_services.write.may_somewhere(request.user), "section": SECTION}
    return listing.shown(request, SHARED_SERVICES, template="landscape/services.html", page=page)


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a shared service: how it can fail, when it was assessed, and the deployments behind it."""
    row = _find(request, pk)
    mine = Deployment.objects.visible_to(request.user).filter(ended_on__isnull=True)
    links = DeploymentService.objects.filter(service=row, deployment__in=mine)
    behind = links.select_related("deployment__server").order_by("deployment__inherent_tier", "deployment__number")
    shown = lists.first(behind, _MOST_SHOWN)
    page = {
        "service": row,
        "state": row.assessment_state(today=timezone.localdate()),
        "links": shown,
        "removable": {one.pk for one in shown.rows if shared_services.remove.offer(one, request.user).may},
        "controls": lists.first(_given_by(row), _MOST_SHOWN),
        "flaw": _flaw(row),
        "may_state": statuses.state_for_service.offer(row, request.user).may and row.status == _STANDING,
        "offers": [one for one in buttons.offers(BUTTONS, row, request.user, of="shared-service") if not one.who],
        "section": SECTION,
        **history.shown(request.user, row),
    }
    return render(request, "landscape/service.html", page)


@asks
@member_who_may(shared_services.write)
def write(request: MemberRequest) -> HttpResponse:
    """Register a shared service."""
    words = "Nobody has assessed it yet: each server behind it has a finding until somebody does."
    return asking.begin(
        request,
        asking.filled(request, ServiceForm, by=request.user),
        Page(
            "Register a shared service",
            words,
            "Register",
            reverse("web:shared-service-list"),
            "Shared services",
            SECTION,
        ),
        step=lambda data: shared_services.write(**data, by=request.user, now=timezone.now()),
        message="The shared service is registered.",
        route="web:shared-service-detail",
    )


@asks
@member_who_may(shared_services.rewrite)
def rewrite(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change what is said of a shared service."""
    row = _find(request, pk)
    form = asking.filled(request, ServiceForm, row=row, by=request.user)
    words = "The findings of the servers behind it follow within minutes."
    return asking.ask(
        request,
        form,
        _page_of(row, "Edit", words, "Save"),
        step=lambda data: form.take(row, changes=data, by=request.user, now=timezone.now()),
        message="Saved.",
    )


@asks
@member_who_may(shared_services.record_assessment)
def assess(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record an assessment of a shared service."""
    row = _find(request, pk)
    words = (
        "Its owner is told 30, 7 and 0 days before it ends. Findings of the servers behind it follow within minutes."
    )
    return asking.ask(
        request,
        asking.filled(request, ServiceAssessmentForm),
        _page_of(row, "Record an assessment", words, "Record it"),
        step=lambda data: shared_services.record_assessment(row, **data, by=request.user, now=timezone.now()),
        message="Recorded.",
    )


@asks
@member_who_may(shared_services.end)
def end(request: MemberRequest, pk: UUID) -> HttpResponse:
    """End a shared service."""
    row = _find(request, pk)
    words = "What was found of it at the servers behind it closes. It stays on record and cannot be changed."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        _page_of(row, "End", words, "End it", danger=True),
        step=lambda data: shared_services.end(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} has ended.",
    )


@asks
@member_who_may(shared_services.add)
def add_link(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record a shared service that a deployment runs behind."""
    deployment = visible(Deployment.objects.select_related("server__unit"), request.user, pk=pk)
    words = "What is wrong with the service is found of the server at once."
    page = page_of_server(
        deployment.server, f"What {deployment.name} runs behind", words, "Add", to="server-deployments"
    )
    return asking.ask(
        request,
        asking.filled(request, RunsBehindForm, deployment=deployment),
        page,
        step=lambda data: shared_services.add(deployment, data["service"], by=request.user, now=timezone.now()),
        message="Added.",
    )


@asks
@member_who_may(shared_services.remove)
def remove_link(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Remove the record that a deployment runs behind a shared service."""
    seen = Deployment.objects.visible_to(request.user)
    rows = DeploymentService.objects.select_related("service", "deployment__server")
    row = get_object_or_404(rows, pk=pk, deployment__in=seen)
    words = f"{row.deployment} does not run behind {row.service} any more. What was found of it at the server closes."
    heading = f"Remove {row.service.ref} from {row.deployment.name}"
    return asking.ask(
        request,
        asking.filled(request, asking.Nothing),
        page_of_server(row.deployment.server, heading, words, "Remove", to="server-deployments", danger=True),
        step=lambda data: shared_services.remove(row, by=request.user, now=timezone.now()),
        message="Removed.",
    )


def _flaw(service: SharedService) -> str:
    """Return in words why what it has in place does not hold in full for what runs behind it; empty: it does."""
    flaw = inheriting.flaw_of(service)
    return f"{service.name} is a service {flaw}." if flaw else ""


def _given_by(service: SharedService) -> "QuerySet[ControlStatus]":
    """Return what is stated of controls for the service, with what it lacks first."""
    order = Case(*(When(state=word, then=Value(rank)) for word, rank in WORST_FIRST.items()), default=Value(9))
    rows = ControlStatus.objects.stated().filter(service=service).select_related("control__framework")
    return rows.order_by(order, "control__framework__title", "control__position", "control__ref")


def _find(request: MemberRequest, pk: UUID) -> SharedService:
    return visible(SharedService.objects.select_related("unit", "owner", "vendor"), request.user, pk=pk)


def _page_of(row: SharedService, heading: str, consequence: str, label: str, **how: Any) -> Page:
    back = reverse("web:shared-service-detail", args=[row.pk])
    return Page(f"{heading}: {row.name}", consequence, label, back, row.ref, SECTION, **how)
