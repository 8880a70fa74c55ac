"""Reports: the list, asking for one, how far it is, downloading its parts, withdrawing it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.steps import Step
from assessments.models import Assessment
from evidence import store
from jobs.models import Job
from reports import downloads, requests
from reports.lists import REPORTS
from reports.models import Report, ReportPart
from riskregister.refusals import Refused
from web.forms.reasons import ReasonForm
from web.forms.reports import RegisterReportForm
from web.page_parts import asking, history, listing, lists, missing_files, steps
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks

_WORDS = "A PDF is drawn in the background from what the register holds now. Once issued it never changes."


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the reports that the person may see, with how far each is; `?format=csv` downloads this view."""
    page = {"can_report": requests.request_register_report.may_somewhere(request.user)}
    return listing.shown(request, REPORTS, template="reports/index.html", page=page, more=_under_way)


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a report: how far it is, its parts and digests, who asked for it."""
    report = _find(request, pk)
    page = {
        "report": report,
        "job": requests.jobs_of(report).first(),
        "is_moving": report.status in Report.UNDER_WAY,
        "parts": ReportPart.objects.filter(report=report).select_related("blob"),
        "can_withdraw": requests.withdraw.offer(report, request.user).may,
        "can_retry": requests.request_again.offer(report, request.user).may,
        **history.shown(request.user, report),
    }
    return render(request, "reports/detail.html", page)


@asks
@member_who_may(requests.request_register_report)
def ask_for_register(request: MemberRequest) -> HttpResponse:
    """Ask for the risk register of a unit, or of all, as a PDF."""
    form = asking.filled(request, RegisterReportForm, by=request.user)
    if request.method == "POST" and form.is_valid():
        cleaned, now = form.cleaned_data, timezone.now()
        asked = steps.attempt(
            request, lambda: requests.request_register_report(**cleaned, by=request.user, now=now), form=form
        )
        if asked is not None:
            return _shown_under_way(request, asked, now=now)
    page = Page(
        "Risk register as PDF", _WORDS, "Issue the report", reverse("web:report-list"), "Reports", "report-list"
    )
    return asking.show(request, form, page)


@asks
@member_who_may(requests.request_assessment_report)
def ask_for_assessment(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Ask for a final assessment as a PDF."""
    assessment = visible(Assessment.objects.select_related("server", "vendor", "unit"), request.user, pk=pk)
    requests.request_assessment_report.require(assessment, request.user)
    form = asking.filled(request, forms.Form)
    if request.method == "POST":
        now = timezone.now()
        asked = steps.attempt(
            request, lambda: requests.request_assessment_report(assessment, by=request.user, now=now), form=form
        )
        if asked is not None:
            return _shown_under_way(request, asked, now=now)
    back = reverse("web:assessment-detail", args=[pk])
    heading = f"{assessment.ref} of {assessment.title} as PDF"
    page = Page(heading, _WORDS, "Issue the report", back, assessment.ref, "report-list")
    return asking.show(request, form, page)


@require_safe
@member_who_may(requests.request_register_report, requests.request_assessment_report)
def choose(request: MemberRequest) -> HttpResponse:
    """Let the person choose what to report on: the register, or the final assessment of a server or a vendor."""
    words = lists.words_in(request)
    seen = Assessment.objects.visible_to(request.user).filter(status=Assessment.Status.FINAL)
    units = requests.request_assessment_report.units(request.user)
    found = seen.filter(Q(unit__in=units) | Q(server__isnull=True))
    if words:
        names = Q(server__title__holds=words) | Q(server__name__holds=words)
        found = found.filter(names | Q(server__isnull=True, vendor__name__holds=words))
    rows = found.select_related("server", "release", "unit", "vendor").order_by("server__title", "-number")
    return render(request, "reports/choose.html", {"assessments": lists.first(rows, lists.OFFERED), "words": words})


@require_safe
@member
def part(request: MemberRequest, pk: UUID, position: int) -> FileResponse | HttpResponse:
    """Hand out one PDF of an issued report, byte for byte as it was drawn."""
    report = _find(request, pk)
    try:
        opened = downloads.open_part(report, position)
    except ReportPart.DoesNotExist as error:
        raise Http404 from error
    except (store.FileLost, store.StoreUnreachable) as refusal:
        up_url = reverse("web:report-detail", args=[pk])
        return missing_files.page(request, refusal, noun=report.ref, up_url=up_url, section="report-list")
    except Refused as refusal:
        page = {"report": report, "sentence": refusal.message, "section": "report-list"}
        return render(request, "reports/not_issued.html", page, status=409)
    return FileResponse(opened.file, as_attachment=True, filename=opened.file_name, content_type=opened.media_type)


@asks
@member_who_may(requests.withdraw)
def withdraw(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Withdraw an issued report."""
    report = _find_to(request, pk, requests.withdraw)
    words = "It stays on record and is no longer handed out. This page then says that it was withdrawn, and why."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        _page_of(report, "Withdraw", words, "Withdraw it", danger=True),
        step=lambda data: requests.withdraw(report, **data, by=request.user, now=timezone.now()),
        message=f"{report.ref} is withdrawn.",
    )


@asks
@member_who_may(requests.request_again)
def retry(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Let a failed report be drawn again."""
    report = _find_to(request, pk, requests.request_again)
    return asking.ask(
        request,
        asking.filled(request, forms.Form),
        _page_of(report, "Try again", "It is drawn again from the same data, if that was read already.", "Try again"),
        step=lambda _: requests.request_again(report, by=request.user, now=timezone.now()),
        message=f"{report.ref} is being drawn again.",
    )


def _under_way(listed: listing.Listing) -> dict[str, Any]:
    """Give each report that is being drawn its job, and return whether there is one."""
    moving = [row for row in listed.rows if row.status in Report.UNDER_WAY]
    drawing = _drawing() if moving else {}
    for row in moving:
        row.job = drawing.get(str(row.pk))
    return {"is_moving": bool(moving)}


def _shown_under_way(request: MemberRequest, report: Report, *, now: datetime) -> HttpResponse:
    if not requests.is_new(report, now=now):
        mine = report.requested_by == request.user
        who, told = ("You", "") if mine else (str(report.requested_by), " You are told when it is ready.")
        messages.info(request, f"{who} asked for it just before. This is that report, and it is not made twice.{told}")
    return redirect("web:report-detail", pk=report.pk)


def _find(request: HttpRequest, pk: UUID) -> Report:
    rows = Report.objects.visible_to(request.user).select_related("unit", "requested_by", "withdrawn_by", "assessment")
    return get_object_or_404(rows.defer("data"), pk=pk)


def _find_to(request: MemberRequest, pk: UUID, step: Step[Any, Report]) -> Report:
    """Return the report for somebody who may take the step on such; raise NotPermitted for others."""
    report = _find(request, pk)
    step.require(report, request.user)
    if refusal := step.rule.why_barred(report, request.user):
        raise refusal
    return report


def _drawing() -> dict[str, Job]:
    """Return the jobs that draw a report now or soon, by the report's id."""
    jobs = Job.objects.filter(kind=requests.JOB, status__in=(Job.Status.QUEUED, Job.Status.RUNNING))
    return {job.payload["report"]: job for job in jobs.order_by("created_at")}


def _page_of(report: Report, heading: str, consequence: str, label: str, *, danger: bool = False) -> Page:
    back = reverse("web:report-detail", args=[report.pk])
    return Page(f"{heading}: {report}", consequence, label, back, report.ref, "report-list", danger)
