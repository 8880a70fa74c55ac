"""Check your answers, then hand the assessment to the approvers."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from assessments import lifecycle
from catalogue.models import Dimension
from web.assessments.assessments import find
from web.assessments.worksheet import Worksheet
from web.page_parts import steps
from web.page_parts.access import MemberRequest, member
from web.page_parts.asking import asks


@asks
@member
def check(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show all answers; a post submits exactly those that were shown, or says with 409 that they changed."""
    assessment = find(request, pk)
    refused = False
    if request.method == "POST":
        lifecycle.submit.require(assessment, request.user)
        seen, now = request.POST.get("digest", ""), timezone.now()
        if steps.done(
            request,
            lambda: lifecycle.submit(assessment, answers_digest=seen or "not shown", by=request.user, now=now),
            message=f"{assessment.ref} is with the approvers.",
        ):
            return redirect("web:assessment-detail", pk=pk)
        refused, assessment = True, find(request, pk)
    sheet = Worksheet(assessment, user=request.user, today=timezone.localdate())
    rows = sheet.rows()
    page = {
        "assessment": assessment,
        "sheet": sheet,
        "sections": [(one, one.label, [row for row in rows if row.question.dimension == one]) for one in Dimension],
        "missing": [row for row in rows if not row.answer.choice],
        "changed": sum(row.has_changed for row in rows),
        "asked": len(rows),
        "tasks": sheet.tasks(),
    }
    return render(request, "assessments/check.html", page, status=409 if refused else 200)
