"""The approver's pages: review side by side, confirm what does not apply, give back, decide."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import Capability
from accounts.models import User
from assessments import lifecycle
from assessments.answers import answering
from assessments.models import Assessment
from catalogue.models import Dimension
from decisions.approvals import approvals, conditions, preview
from decisions.models import Approval
from decisions.ratings import ratings
from scoring import deadlines, methodology
from scoring.rating import Rating
from web.assessments.assessments import find, question
from web.assessments.worksheet import Worksheet
from web.forms.assessments.decisions import FINALISE, DecideForm
from web.forms.reasons import ReasonForm
from web.page_parts import asking, steps
from web.page_parts.access import MemberRequest, member
from web.page_parts.asking import asks
from web.releases import tool_changes
from web.servers import approval_needs


@require_safe
@member
def review(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a submitted assessment beside the last final one."""
    assessment = find(request, pk)
    if assessment.status != Assessment.Status.SUBMITTED:
        return redirect("web:assessment-detail", pk=pk)
    sheet = Worksheet(assessment, user=request.user, today=timezone.localdate())
    rows = sheet.rows()
    page = {
        "assessment": assessment,
        "sheet": sheet,
        "sections": [(one, one.label, [row for row in rows if row.question.dimension == one]) for one in Dimension],
        "may_confirm": not sheet.why_not_decide,
        "gaps": [row for row in rows if row.lacks],
        "changed": sum(row.has_changed for row in rows),
        "needs_acceptance": [Dimension(key).label for key in sheet.interval.needs_acceptance],
        **(_of_server(sheet, timezone.now()) if assessment.server_id else {}),
        "is_unchanged": bool(assessment.return_reason) and lifecycle.says_the_same_as_before(assessment),
    }
    return render(request, "assessments/review.html", page)


def _of_server(sheet: Worksheet, now: datetime) -> dict[str, Any]:
    """Return what a review of a server shows besides: the rating that it would have, and what an approval lacks."""
    would_be = preview.if_final(sheet.assessment, sheet.answers, now=now)
    compared = tool_changes.since(sheet.assessment)
    return {"would_be": would_be, "compared": compared, **_missing(sheet, would_be, now)}


@asks
@member
def confirm(request: MemberRequest, pk: UUID, answer: UUID) -> HttpResponse:
    """Confirm that a weighty question does not apply."""
    assessment = find(request, pk)
    row = get_object_or_404(assessment.answers.asked().select_related("question", "deployment"), pk=answer)
    answering.confirm_not_applicable.require(row, request.user)
    words = (
        f"“{row.question.text}” then counts neither for nor against the score and raises no finding. "
        f"The reason given: “{row.reason}”. Your name stands under it; only a changed answer takes it back."
    )
    review_url = f"{reverse('web:assessment-review', args=[pk])}#{row.key}"
    up = f"Review {assessment.ref}"
    return asking.ask(
        request,
        asking.filled(request, asking.Nothing, signs=(answering.confirm_not_applicable, row)),
        asking.Page("Confirm that it does not apply", words, "Confirm", review_url, up, "assessment-list"),
        step=lambda _: answering.confirm_not_applicable(row, by=request.user, now=timezone.now()),
        message="Confirmed: it does not apply.",
    )


@asks
@member
def give_back(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Give a submitted assessment back to its authors, with a reason."""
    assessment = find(request, pk)
    lifecycle.return_to_draft.require(assessment, request.user)
    what = "It becomes a draft again with all its answers. Say which questions need what."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm, signs=(lifecycle.return_to_draft, assessment)),
        question(assessment, f"Give {assessment.ref} back", what, "Give back"),
        step=lambda data: lifecycle.return_to_draft(assessment, by=request.user, now=timezone.now(), **data),
        message=f"{assessment.ref} is a draft again. {assessment.submitted_by} is told.",
    )


@asks
@member
def decide(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Decide on a submitted or final assessment; the password signs it."""
    assessment, now = find(request, pk), timezone.now()
    if assessment.server_id is None or assessment.status not in (Assessment.Status.SUBMITTED, Assessment.Status.FINAL):
        return redirect("web:assessment-detail", pk=pk)
    sheet = Worksheet(assessment, user=request.user, today=timezone.localdate(now))
    form = _form(request, sheet)
    if request.method == "POST" and not sheet.why_not_decide and form.is_valid():
        if _decided(request, form, assessment, now):
            return redirect("web:assessment-detail", pk=pk)
        # The refused step was rolled back in the database, not on the object that it had moved.
        sheet = Worksheet(find(request, pk), user=request.user, today=timezone.localdate(now))
    page = {
        "assessment": sheet.assessment,
        "sheet": sheet,
        "form": form,
        "would_be": (would_be := _would_be(sheet, now)),
        **_missing(sheet, would_be, now),
        "may_confirm": not sheet.why_not_decide,
        "compared": tool_changes.since(sheet.assessment),
        "unmet": list(conditions.unmet(sheet.assessment.judged_server)),
    }
    status = 403 if request.method == "POST" and sheet.why_not_decide else asking.status_of(form)
    return render(request, "assessments/decide.html", page, status=status)


def _form(request: MemberRequest, sheet: Worksheet) -> DecideForm:
    assessment = sheet.assessment
    submitted = assessment.status == Assessment.Status.SUBMITTED
    months = sheet.method.reviews.months[assessment.judged_server.inherent_tier]
    return DecideForm(
        request.POST if request.method == "POST" else None,
        request=request,
        not_rateable=sheet.interval.needs_acceptance if submitted else (),
        may_finalise=submitted,
        until=deadlines.add_months(sheet.today, months),
        answers_digest=assessment.answers_digest if submitted else "",
    )


def _decided(request: MemberRequest, form: DecideForm, assessment: Assessment, now: datetime) -> bool:
    if form.cleaned_data["decision"] == FINALISE:
        return _finalised(request, form, assessment, now)
    approval = steps.attempt(request, lambda: _decide(form, assessment, by=request.user, now=now), form=form)
    if approval is not None:
        messages.success(request, f"{assessment.title} is {approval.outcome}. {approval.ref} is on record.")
    return approval is not None


def _decide(form: DecideForm, assessment: Assessment, *, by: User, now: datetime) -> Approval:
    data = form.cleaned_data
    return approvals.decide(
        assessment,
        decision=data["decision"],
        reason=data["reason"],
        valid_until=data["valid_until"],
        conditions=form.conditions,
        accept_dimensions=data.get("accept_dimensions", ()),
        answers_digest=data["answers_digest"],
        replaces=assessment.approvals.filter(pk=data["replaces"]).first(),
        by=by,
        now=now,
    )


def _finalised(request: MemberRequest, form: DecideForm, assessment: Assessment, now: datetime) -> bool:
    data = form.cleaned_data
    seen = {"accept_dimensions": data.get("accept_dimensions", ()), "answers_digest": data["answers_digest"]}
    return steps.done(
        request,
        lambda: lifecycle.finalise(assessment, by=request.user, now=now, **seen),
        message=f"{assessment.ref} is final and its findings are open. The decision is still to be made.",
        form=form,
    )


def _missing(sheet: Worksheet, would_be: Rating, now: datetime) -> dict[str, Any]:
    """Return what an approval would lack, for its list: for those who can do something about it."""
    if sheet.why_not_decide and not sheet.can(Capability.WRITE):
        return {"needs": [], "condition_days": 0}
    found = preview.missing(sheet.assessment, sheet.answers, would_be, by=sheet.user, now=now)
    days = methodology.load().approvals.within_days if any(one.can_wait for one in found) else 0
    return {"needs": approval_needs.groups(found, sheet.assessment), "condition_days": days}


def _would_be(sheet: Worksheet, now: datetime) -> Rating:
    if sheet.assessment.status == Assessment.Status.FINAL:
        return ratings.current(sheet.assessment.judged_server, now=now)
    return preview.if_final(sheet.assessment, sheet.answers, now=now)
