"""Pages of evidence: what it is, what rests on it and what was found in it; and the file itself, for download only."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments.answers import scored_lines, supports
from assessments.answers.supports import Support
from assessments.models import Answer, AnswerEvidence, Assessment
from evidence import records
from evidence.models import Evidence, KeptCopy
from web.forms.assessments.answers import CopyForm
from web.page_parts import asking, downloads, history, lists
from web.page_parts.access import MemberRequest, member, visible
from web.page_parts.asking import Page, asks

USES_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Use:
    """An answer that rests on the evidence: what was found for it, its level and how that stands today."""

    answer: Answer
    support: Support
    level: int
    state: str


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a piece of evidence with the answers that rest on it, and what somebody found in it for each."""
    evidence = _find(request, pk)
    seen = Assessment.objects.visible_to(request.user)
    asked = Answer.objects.asked().filter(assessment__in=seen)
    uses = AnswerEvidence.objects.filter(evidence=evidence, answer__in=asked)
    near = ("answer__question", "answer__option", "answer__assessment__server")
    ordered = uses.select_related(*near).order_by("-answer__assessment__number", "answer__question__position")
    found = lists.first(ordered, USES_SHOWN)
    page = {
        "evidence": evidence,
        "uses": _uses([one.answer for one in found.rows], evidence),
        "total": found.total,
        "can_keep": evidence.is_bare_link and records.keep.offer(evidence, request.user).may,
        **history.shown(request.user, evidence),
        "section": "evidence-list",
    }
    return render(request, "evidence/detail.html", page)


@require_safe
@member
def download(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """Return the file as it was attached, for download only."""
    evidence = _find(request, pk)
    return _file(request, evidence, evidence)


@require_safe
@member
def download_copy(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """Return the copy that was kept of a link, for download only."""
    evidence = _find(request, pk)
    copy = evidence.copy
    if copy is None:
        raise Http404
    return _file(request, evidence, copy)


@asks
@member
def keep_copy(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Keep what stands at a link as a file beside it."""
    evidence = _find(request, pk)
    records.keep.require(evidence, request.user)
    if not evidence.is_bare_link:
        return redirect("web:evidence-detail", pk=pk)
    words = (
        "What stands at an address can be another thing tomorrow, so a link alone counts little. A copy counts as the "
        "document; it stays as it is, and whoever verifies an answer reads it."
    )
    back_url = reverse("web:evidence-detail", args=[pk])
    page = Page(f"Keep a copy of {evidence.title}", words, "Keep it", back_url, evidence.ref, "evidence-list")
    return asking.ask(
        request,
        asking.filled(request, CopyForm),
        page,
        step=lambda data: records.keep_copy(evidence, data["file"], by=request.user, now=timezone.now()),
        message="The copy is kept.",
    )


def _uses(answers: list[Answer], evidence: Evidence) -> list[Use]:
    today = timezone.localdate()
    prefetch_related_objects(answers, *supports.read())
    behind = [(row, one) for row in answers for one in supports.of(row) if one.evidence == evidence]
    return [Use(row, one, scored_lines.level_now(one, today=today), one.state(today=today)) for row, one in behind]


def _file(request: MemberRequest, evidence: Evidence, kept: Evidence | KeptCopy) -> HttpResponseBase:
    where = {"up_url": reverse("web:evidence-detail", args=[evidence.pk]), "section": "evidence-list"}
    return downloads.blob(
        request, kept.blob, name=kept.file_name, media_type=kept.media_type, noun=evidence.ref, **where
    )


def _find(request: MemberRequest, pk: UUID) -> Evidence:
    near = ("blob", "added_by", "unit", "kept_copy__blob", "kept_copy__kept_by", "certificate")
    rows = Evidence.objects.select_related(*near)
    return visible(rows, request.user, pk=pk)
