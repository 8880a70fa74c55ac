"""Exit plans: the list, a plan with its trials, and the pages that write and try one."""

from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from exits import plans
from exits.lists import EXIT_PLANS
from exits.models import ExitPlan
from web.forms.editing import EditForm
from web.forms.fields.days import DATE
from web.page_parts import asking, buttons, history, listing
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button
from web.servers.serverframe import find as find_server
from web.servers.serverframe import page_of as page_of_server

BUTTONS = (
    Button(plans.record_success, "worked", "Record a trial that worked", is_main=True),
    Button(plans.record_failure, "failed", "Record a trial that failed"),
    Button(plans.rewrite, "rewrite", "Change the plan"),
)


class PlanForm(EditForm):
    """What is done, what takes the server's place, and in how many days."""

    step = plans.rewrite

    replacement = forms.CharField(
        label="What takes its place", max_length=200, help_text="Another server, a manual way, or nothing."
    )
    plan = forms.CharField(label="What is done", widget=forms.Textarea(attrs={"rows": 6}))
    days = forms.IntegerField(label="Days it takes", min_value=0, max_value=plans.LONGEST_DAYS)


class TrialForm(forms.Form):
    """When it was tried, and what was seen."""

    tried_on = forms.DateField(label="Tried on", widget=DATE)
    note = forms.CharField(label="What was seen", widget=forms.Textarea(attrs={"rows": 4}))


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the exit plans that the person may see; `?format=csv` downloads exactly this view."""
    return listing.shown(request, EXIT_PLANS, template="exits/index.html")


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a plan: how the server is left, and what its last trial showed."""
    row = _find(request, pk)
    offers = list(buttons.offers(BUTTONS, row, request.user, of="exit-plan"))
    page = {
        "exit_plan": row,
        "state": row.state(today=timezone.localdate()),
        "offers": [offer for offer in offers if not offer.who],
        **history.shown(request.user, row),
    }
    return render(request, "exits/detail.html", page)


@asks
@member
def write(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Write the exit plan of a server; one that has a plan leads to it."""
    server = find_server(request, pk)
    known = ExitPlan.objects.filter(server=server).first()
    if known is not None and request.method != "POST":
        return redirect("web:exit-plan-detail", pk=known.pk)
    if request.method != "POST" and not plans.write.offer(server, request.user).may:
        return redirect(f"{reverse('web:exit-plan-list')}?server={server.pk}")
    plans.write.require(server, request.user)
    words = "It counts as shown to work once a trial of it worked."
    return asking.begin(
        request,
        asking.filled(request, PlanForm),
        page_of_server(server, f"Plan how to leave {server.title}", words, "Write the plan"),
        step=lambda data: plans.write(server, **data, by=request.user, now=timezone.now()),
        message=f"The exit plan of {server.title} is written.",
        route="web:exit-plan-detail",
    )


@asks
@member_who_may(plans.rewrite)
def rewrite(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Write a plan anew."""
    row = _find(request, pk)
    form = asking.filled(request, PlanForm, row=row)
    words = "What was tried was the former plan: this one must be tried again."
    return asking.ask(
        request,
        form,
        _page_of(row, "Change the plan", words, "Change the plan"),
        step=lambda data: form.take(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is changed.",
    )


@asks
@member_who_may(plans.record_success)
def worked(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record a trial that worked."""
    row = _find(request, pk)
    return asking.ask(
        request,
        asking.filled(request, TrialForm),
        _page_of(row, "Record a trial that worked", "The plan then counts as shown to work.", "Record it"),
        step=lambda data: plans.record_success(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is shown to work.",
    )


@asks
@member_who_may(plans.record_failure)
def failed(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record a trial that failed."""
    row = _find(request, pk)
    words = "The server’s owner and the unit’s managers are told, and the plan does not count until it works."
    return asking.ask(
        request,
        asking.filled(request, TrialForm),
        _page_of(row, "Record a trial that failed", words, "Record it"),
        step=lambda data: plans.record_failure(row, **data, by=request.user, now=timezone.now()),
        message="Recorded. The owner and the managers are told.",
    )


def _find(request: MemberRequest, pk: UUID) -> ExitPlan:
    rows = ExitPlan.objects.select_related("unit", "server", "written_by")
    return visible(rows, request.user, pk=pk)


def _page_of(row: ExitPlan, heading: str, consequence: str, label: str) -> Page:
    back = reverse("web:exit-plan-detail", args=[row.pk])
    return Page(f"{heading}: {row.server.title}", consequence, label, back, row.ref, "server-list")
