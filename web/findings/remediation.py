"""Steps on a finding, each on a page of its own: judge, assign, plan, claim, verify, close, reopen, dismiss."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.models import User
from evidence import records
from evidence.models import Evidence
from findings import register, remediation
from findings.models import Finding, FixClaim, Milestone
from scoring.scales import Severity
from web.findings.findingframe import answers_of, find_to, page_of
from web.forms.findings import FOUND, ClaimForm, DueForm, OwnerForm, PlanForm, SeverityForm, VerdictForm
from web.forms.reasons import ReasonForm
from web.page_parts import asking, steps
from web.page_parts.access import MemberRequest, member
from web.page_parts.asking import asks


@asks
@member
def confirm(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Judge a proposed finding to be one."""
    finding = find_to(request, pk, register.confirm)
    return asking.ask(
        request,
        asking.filled(request, forms.Form),
        page_of(finding, "Confirm", "It opens, and its time to be fixed starts today.", "Confirm it"),
        step=lambda _: register.confirm(finding, by=request.user, now=timezone.now()),
        message=f"{finding.ref} is open.",
    )


@asks
@member
def assign(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Give the finding to somebody."""
    finding = find_to(request, pk, register.assign)
    form = asking.filled(request, OwnerForm, finding=finding)
    return asking.ask(
        request,
        form,
        page_of(finding, "Change the owner", "The new owner is told. The due date stays.", "Assign"),
        step=lambda data: form.take(finding, **data, by=request.user, now=timezone.now()),
        message=f"{finding.ref} is handed over. The new owner is told.",
    )


@asks
@member
def severity(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Judge the severity anew."""
    finding = find_to(request, pk, register.change_severity)
    word = Severity(finding.severity).label.lower()
    words = f"Now {word}. A higher one can bring the due date forward. An approver who does not own it can lower it."
    form = asking.filled(request, SeverityForm, signs=(register.change_severity, finding), row=finding)
    return asking.ask(
        request,
        form,
        page_of(finding, "Change the severity", words, "Change the severity"),
        step=lambda data: form.take(finding, **data, by=request.user, now=timezone.now()),
        message=f"{finding.ref} has another severity.",
    )


@asks
@member
def due_date(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Set another due date."""
    finding = find_to(request, pk, register.change_due_date)
    words = "An earlier day can be set by anybody who works on it, a later one by an approver who does not own it."
    form = asking.filled(request, DueForm, signs=(register.change_due_date, finding), row=finding)
    return asking.ask(
        request,
        form,
        page_of(finding, "Change the due date", words, "Change the due date"),
        step=lambda data: form.take(finding, **data, by=request.user, now=timezone.now()),
        message=f"{finding.ref} has another due date.",
    )


@asks
@member
def plan(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Plan the fix, or plan it anew."""
    finding = find_to(request, pk, remediation.plan)
    form = asking.filled(request, PlanForm, finding=finding)
    if request.method == "POST" and form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("description", "target_on")}
        milestones, now = form.milestones, timezone.now()
        if steps.done(
            request,
            lambda: form.take(finding, **data, milestones=milestones, by=request.user, now=now),
            message=f"{finding.ref} is being remediated.",
            form=form,
        ):
            return redirect("web:finding-detail", pk=pk)
    return render(request, "findings/plan.html", _page(finding, form), status=asking.status_of(form))


@asks
@member
def complete(request: MemberRequest, pk: UUID, milestone: UUID) -> HttpResponse:
    """Record that a milestone is done."""
    finding = find_to(request, pk, remediation.complete_milestone)
    rows = Milestone.objects.filter(plan__finding=finding).select_related(
        "plan__finding__server", "plan__finding__vendor"
    )
    row = get_object_or_404(rows, pk=milestone)
    words = f"“{row.title}” is recorded as done today by you. Only a new plan takes it back."
    return asking.ask(
        request,
        asking.filled(request, asking.Nothing),
        page_of(finding, "A milestone is done", words, "Mark as done"),
        step=lambda _: remediation.complete_milestone(row, by=request.user, now=timezone.now()),
        message=f"“{row.title}” is done.",
    )


@asks
@member
def fix(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Claim that the finding is fixed."""
    finding = find_to(request, pk, remediation.claim_fixed)
    words = "An approver other than you verifies it. Until then the finding waits, under the same due date."
    return asking.ask(
        request,
        asking.filled(request, ClaimForm, finding=finding),
        page_of(finding, "Claim the fix", words, "Send to be verified"),
        step=lambda data: _claim(finding, data, by=request.user, now=timezone.now()),
        message="Sent to the approvers to be verified.",
    )


@asks
@member
def verify(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Give a verdict on a claimed fix."""
    finding = find_to(request, pk, remediation.pass_fix)
    rows = finding.fix_claims.filter(verdict="").select_related("claimed_by", "evidence")
    claim = rows.select_related("finding__server", "finding__vendor").first()
    if claim is None:
        return redirect("web:finding-detail", pk=pk)
    has_document = claim.evidence is not None and claim.evidence.kind != Evidence.Kind.NOTE
    form = asking.filled(request, VerdictForm, signs=(remediation.pass_fix, claim), has_document=has_document)
    if request.method == "POST" and form.is_valid() and _is_judged(request, claim, form):
        return redirect("web:finding-detail", pk=pk)
    answer = answers_of(finding, [claim.new_option_key]).get(claim.new_option_key, "")
    page = _page(finding, form) | {"claim": claim, "answer": answer}
    return render(request, "findings/verify.html", page, status=asking.status_of(form))


@asks
@member
def close(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Close a finding without a verified fix."""
    finding = find_to(request, pk, register.close)
    words = "Use this when what it was about is gone. The score does not rise: only a verified fix changes an answer."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm, signs=(register.close, finding)),
        page_of(finding, "Close", words, "Close it", danger=True),
        step=lambda data: register.close(finding, **data, by=request.user, now=timezone.now()),
        message=f"{finding.ref} is closed.",
    )


@asks
@member
def reopen(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Open a settled finding again."""
    finding = find_to(request, pk, register.reopen)
    words = "It gets a new due date by its severity, and a verified fix no longer counts."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        page_of(finding, "Reopen", words, "Reopen it"),
        step=lambda data: register.reopen(finding, **data, by=request.user, now=timezone.now()),
        message=f"{finding.ref} is open again.",
    )


@asks
@member
def dismiss(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Judge that a finding is none."""
    finding = find_to(request, pk, register.dismiss)
    words = (
        "You judge that it is no deficiency. It stays dismissed when it is observed again, until somebody reopens it."
    )
    return asking.ask(
        request,
        asking.filled(request, ReasonForm, signs=(register.dismiss, finding)),
        page_of(finding, "Dismiss", words, "Dismiss it", danger=True),
        step=lambda data: register.dismiss(finding, **data, by=request.user, now=timezone.now()),
        message=f"{finding.ref} is dismissed.",
    )


def _claim(finding: Finding, data: Mapping[str, Any], *, by: User, now: datetime) -> FixClaim:
    about: dict[str, Any] = {name: data[name] for name in ("title", "issuer", "valid_until")}
    about |= {"unit": finding.unit, "by": by, "now": now}
    evidence = None
    if data["file"]:
        evidence = records.prepare_file(data["file"], **about)
    elif data["url"]:
        evidence = records.prepare_link(data["url"], **about)
    option = data.get("option", "")
    return remediation.claim_fixed(finding, note=data["note"], new_option_key=option, evidence=evidence, by=by, now=now)


def _is_judged(request: MemberRequest, claim: FixClaim, form: VerdictForm) -> bool:
    """Give the verdict that the form says, and return whether it was given."""
    data, now = form.cleaned_data, timezone.now()
    how: dict[str, Any] = {"note": data["note"], "by": request.user, "now": now}
    if data["verdict"] == "passed":
        found = {name: data[name] for name in FOUND if name in data}
        words = f"{claim.finding.ref} is closed: the fix holds."
        return steps.done(request, lambda: remediation.pass_fix(claim, **how, **found), message=words, form=form)
    words = f"{claim.finding.ref} is back in remediation."
    return steps.done(request, lambda: remediation.fail_fix(claim, **how), message=words, form=form)


def _page(finding: Finding, form: forms.Form) -> dict[str, Any]:
    return {"finding": finding, "form": form, "section": "finding-list"}
