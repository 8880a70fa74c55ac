"""Use cases: the list, one with what serves it and what it serves, and the pages of its steps."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from landscape import use_cases
from landscape.lists import USE_CASES, model_of
from landscape.models import UseCase, UseCaseDeployment, UseCaseProcess
from vendors.models import Deployment
from web.forms.reasons import ReasonForm
from web.forms.servers.landscape import ServedProcessForm, ServedUseCaseForm, UseCaseForm
from web.page_parts import asking, buttons, history, listing, lists
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button
from web.servers.serverframe import page_of as page_of_server

SECTION = "use-case-list"
BUTTONS = (
    Button(use_cases.rewrite, "rewrite", "Edit", is_main=True),
    Button(use_cases.end, "end", "End it", is_danger=True),
)
_MOST_SHOWN = 200


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the use cases that the person may see; `?format=csv` downloads exactly this view."""
    page = {"may_write": use_cases.write.may_somewhere(request.user)}
    return listing.shown(request, USE_CASES, template="landscape/use_cases.html", page=page)


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a use case: its model, the deployments that serve it, and the processes that need it."""
    row = _find(request, pk)
    served_by = row.served_by.select_related("deployment__server").order_by("deployment__number")
    serves = row.processes.select_related("process").order_by("process__number")
    may_link = use_cases.add_process.offer(row, request.user)
    page = {
        "use_case": row,
        "model": model_of(row),
        "served_by": lists.first(served_by, _MOST_SHOWN),
        "serves": lists.first(serves, _MOST_SHOWN),
        "may_link": may_link.may and may_link.is_possible,
        "offers": [one for one in buttons.offers(BUTTONS, row, request.user, of="use-case") if not one.who],
        "section": SECTION,
        **history.shown(request.user, row),
    }
    return render(request, "landscape/use_case.html", page)


@asks
@member_who_may(use_cases.write)
def write(request: MemberRequest) -> HttpResponse:
    """Register a use case."""
    words = "A name is enough; what nobody knows yet can stay open, and is shown as not known."
    return asking.begin(
        request,
        asking.filled(request, UseCaseForm, by=request.user),
        Page("Register a use case", words, "Register", reverse("web:use-case-list"), "Use cases", SECTION),
        step=lambda data: use_cases.write(**data, by=request.user, now=timezone.now()),
        message="The use case is registered.",
        route="web:use-case-detail",
    )


@asks
@member_who_may(use_cases.rewrite)
def rewrite(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change what is said of a use case."""
    row = _find(request, pk)
    form = asking.filled(request, UseCaseForm, row=row, by=request.user)
    return asking.ask(
        request,
        form,
        _page_of(row, "Edit", "What is left open is shown as not known.", "Save"),
        step=lambda data: form.take(row, changes=data, by=request.user, now=timezone.now()),
        message="Saved.",
    )


@asks
@member_who_may(use_cases.end)
def end(request: MemberRequest, pk: UUID) -> HttpResponse:
    """End a use case."""
    row = _find(request, pk)
    words = "It counts no more for what stops with a server or vendor. It stays on record and cannot be changed."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        _page_of(row, "End", words, "End it", danger=True),
        step=lambda data: use_cases.end(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} has ended.",
    )


@asks
@member_who_may(use_cases.add_process)
def add_process(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record a business process that needs the use case."""
    row = _find(request, pk)
    words = "The process stops when the use case does."
    return asking.ask(
        request,
        asking.filled(request, ServedProcessForm, use_case=row),
        _page_of(row, "Which process needs it", words, "Add"),
        step=lambda data: use_cases.add_process(row, data["process"], by=request.user, now=timezone.now()),
        message="Added.",
    )


@asks
@member_who_may(use_cases.remove_process)
def remove_process(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Remove the record that a process needs a use case."""
    seen = UseCase.objects.visible_to(request.user)
    row = get_object_or_404(UseCaseProcess.objects.select_related("use_case", "process"), pk=pk, use_case__in=seen)
    words = f"{row.process} does not need {row.use_case} any more."
    return asking.ask(
        request,
        asking.filled(request, asking.Nothing),
        _page_of(row.use_case, f"Remove {row.process.ref}", words, "Remove", danger=True),
        step=lambda data: use_cases.remove_process(row, by=request.user, now=timezone.now()),
        message="Removed.",
    )


@asks
@member_who_may(use_cases.add_deployment)
def add_deployment(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record a use case that works with a deployment."""
    rows = Deployment.objects.select_related("server__unit")
    deployment = visible(rows, request.user, pk=pk)
    words = "It stops when the server does."
    form = asking.filled(request, ServedUseCaseForm, deployment=deployment)
    return asking.ask(
        request,
        form,
        page_of_server(deployment.server, f"What {deployment.name} serves", words, "Add", to="server-deployments"),
        step=lambda data: use_cases.add_deployment(data["use_case"], deployment, by=request.user, now=timezone.now()),
        message="Added.",
    )


@asks
@member_who_may(use_cases.remove_deployment)
def remove_deployment(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Remove the record that a use case works with a deployment."""
    seen = UseCase.objects.visible_to(request.user)
    rows = UseCaseDeployment.objects.select_related("use_case", "deployment")
    row = get_object_or_404(rows, pk=pk, use_case__in=seen)
    words = f"{row.use_case} does not work with {row.deployment} any more."
    return asking.ask(
        request,
        asking.filled(request, asking.Nothing),
        _page_of(row.use_case, f"Remove {row.deployment.ref}", words, "Remove", danger=True),
        step=lambda data: use_cases.remove_deployment(row, by=request.user, now=timezone.now()),
        message="Removed.",
    )


def _find(request: MemberRequest, pk: UUID) -> UseCase:
    return visible(UseCase.objects.select_related("unit", "owner", "model_vendor"), request.user, pk=pk)


def _page_of(row: UseCase, heading: str, consequence: str, label: str, **how: Any) -> Page:
    back = reverse("web:use-case-detail", args=[row.pk])
    return Page(f"{heading}: {row.name}", consequence, label, back, row.ref, SECTION, **how)
