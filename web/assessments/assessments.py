"""Pages of assessments: the list, starting one, what is to be done, giving it to somebody else, giving it up."""

from dataclasses import replace
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments import lifecycle
from assessments.drafts import moving
from assessments.lists import ASSESSMENTS
from assessments.models import Assessment
from riskregister import plurals
from vendors.models import Server
from web.assessments import final_assessments
from web.assessments.worksheet import Worksheet
from web.forms.assessments.assessments import AssignForm, StartForm
from web.forms.reasons import ReasonForm
from web.page_parts import asking, history, listing, lists, steps
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import asks
from web.servers.serverframe import offered

SHOWN = ("unit", "server", "vendor", "release", "assignee")


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the assessments that the person may see; `?format=csv` downloads exactly this view."""
    page = {"can_start": lifecycle.start.may_somewhere(request.user)}
    return listing.shown(request, ASSESSMENTS, template="assessments/index.html", page=page)


@require_safe
@member_who_may(lifecycle.start)
def choose(request: MemberRequest) -> HttpResponse:
    """Let the person choose the server to assess."""
    found = offered(request)
    running = Assessment.objects.filter(server__in=found.rows, status__in=Assessment.WAITING)
    page = {"servers": found, "words": lists.words_in(request), "running": {row.server_id: row for row in running}}
    return render(request, "assessments/choose.html", page)


@asks
@member_who_may(lifecycle.start)
def start(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Start an assessment of a server, at a release."""
    server = visible(Server.objects.select_related("unit"), request.user, pk=pk)
    lifecycle.start.require(server, request.user)
    running = server.assessments.filter(status__in=Assessment.WAITING).first()
    form = StartForm(request.POST or None, server=server, by=request.user)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        data = form.cleaned_data
        started = steps.attempt(request, lambda: lifecycle.start(server, by=request.user, now=now, **data), form=form)
        if started is not None:
            return redirect("web:assessment-detail", pk=started.pk)
    page = {"server": server, "form": form, "running": running, "releases": list(form.fields["release"].queryset)}  # type: ignore[attr-defined]
    return render(request, "assessments/start.html", page, status=asking.status_of(form))


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show an assessment: what is to be done while it is open, its frozen record afterwards."""
    assessment = find(request, pk)
    sheet = Worksheet(assessment, user=request.user, today=timezone.localdate())
    if assessment.status in (Assessment.Status.FINAL, Assessment.Status.SUPERSEDED):
        return final_assessments.show(request, sheet)
    page = {
        "assessment": assessment,
        "sheet": sheet,
        "tasks": sheet.tasks(),
        "editors": assessment.editors.select_related("user").order_by("user__name"),
        "can_assign": lifecycle.assign.offer(assessment, request.user).may,
        **history.shown(request.user, assessment),
    }
    return render(request, "assessments/detail.html", page)


@asks
@member
def assign(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Give a draft to another analyst."""
    assessment = find(request, pk)
    lifecycle.assign.require(assessment, request.user)
    page = question(assessment, f"Give {assessment.ref} to somebody else", "Answers stay as they are.", "Assign")
    form = asking.filled(request, AssignForm, assessment=assessment)
    return asking.ask(
        request,
        form,
        page,
        step=lambda data: form.take(assessment, by=request.user, now=timezone.now(), **data),
        message=f"{assessment.ref} has a new assignee, who is told.",
    )


@asks
@member
def move(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Move a draft to the newest questions, after showing what comes along and what must be answered anew."""
    assessment = find(request, pk)
    moving.move.require(assessment, request.user)
    form = asking.filled(request, forms.Form)
    try:
        planned = moving.plan(assessment)
    except moving.NothingNewer as nothing:
        messages.error(request, nothing.message)
        return redirect("web:assessment-detail", pk=pk)
    if request.method == "POST" and form.is_valid():
        count = len(planned.anew)
        if steps.done(
            request,
            lambda: moving.move(assessment, by=request.user, now=timezone.now()),
            message=f"{assessment.ref} has the new questions. {plurals.counted(count, 'answer')} to be given anew.",
            form=form,
        ):
            return redirect("web:assessment-detail", pk=pk)
    page = {"assessment": assessment, "plan": planned, "form": form, "section": "assessment-list"}
    return render(request, "assessments/move.html", page, status=asking.status_of(form))


@asks
@member
def cancel(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Give up a draft, with a reason."""
    assessment = find(request, pk)
    lifecycle.cancel.require(assessment, request.user)
    what = "The draft ends without a result. Its answers stay on record, and the server can be assessed anew."
    page = question(assessment, f"Cancel {assessment.ref}", what, "Cancel the assessment")
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        replace(page, danger=True),
        step=lambda data: lifecycle.cancel(assessment, by=request.user, now=timezone.now(), **data),
        message=f"{assessment.ref} is cancelled. It stays on record.",
    )


def question(assessment: Assessment, heading: str, consequence: str, label: str) -> asking.Page:
    """Return a page that asks before a step about the assessment."""
    return asking.Page(
        heading=heading,
        consequence=consequence,
        label=label,
        back_url=reverse("web:assessment-detail", args=[assessment.pk]),
        up_label=f"{assessment.ref} {assessment.title}",
        section="assessment-list",
    )


def find(request: HttpRequest, pk: UUID) -> Assessment:
    """Return the assessment with what its pages name, or raise Http404 for one that the person may not see."""
    rows = Assessment.objects.visible_to(request.user).select_related(
        *SHOWN, "question_set", "methodology", "submitted_by", "returned_by", "finalised_by", "created_by"
    )
    return get_object_or_404(rows, pk=pk)
