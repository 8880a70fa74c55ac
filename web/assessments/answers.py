"""The page of one dimension: answering its questions, with autosave and, without scripts, one button for all."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from assessments.answers import answering
from assessments.drafts import previous
from assessments.models import Answer, Assessment
from catalogue.models import Dimension
from collectors import taking
from evidence.models import Evidence
from riskregister.refusals import Refused
from web.assessments import answer_rows, worksheet
from web.assessments.answer_rows import Row
from web.assessments.assessments import find
from web.assessments.worksheet import Worksheet
from web.forms.assessments import answers as posted
from web.forms.assessments.answers import Typed
from web.page_parts import steps
from web.page_parts.access import MemberRequest, member
from web.page_parts.asking import asks


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer was not kept; `current` is there when somebody else changed it first."""

    message: str
    current: Answer | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the form shows it: what is kept, or what was typed and refused."""

    row: Row
    typed: Typed
    mark: str
    problem: Problem | None = None


Refusals = dict[str, tuple[Typed, Problem]]


@asks
@member
def dimension(request: MemberRequest, pk: UUID, key: str) -> HttpResponse:
    """Show the questions of a dimension; a post saves those that were touched and goes where the button says."""
    if key not in Dimension.values:
        raise Http404
    assessment = find(request, pk)
    if request.method != "POST":
        return _page(request, assessment, key, {})
    answering.answer.rule.require(assessment, request.user, unit_id=assessment.unit_id)
    sheet = Worksheet(assessment, user=request.user, today=timezone.localdate())
    refused = _save_all(request, [row for row in sheet.asked if row.question.dimension == key])
    if refused:
        return _page(request, find(request, pk), key, refused)
    return _then(request, assessment, key)


@require_POST
@member
def save(request: MemberRequest, pk: UUID) -> JsonResponse:
    """Keep one answer while it is typed; 409 when somebody else changed it, 422 when it cannot be given like this."""
    assessment = find(request, pk)
    answering.answer.rule.require(assessment, request.user, unit_id=assessment.unit_id)
    now = timezone.now()
    key = next(iter(posted.keys_in(request.POST)), "")
    row = assessment.answers.select_related("question", "option", "deployment", "edited_by").named(key).first()
    typed = posted.read(request.POST, key)
    if row is None or typed is None:
        return JsonResponse({"errors": {"version": ["Load the page again, then answer."]}}, status=422)
    try:
        kept = _give(row, typed, by=request.user, now=now)
    except answering.EditConflict as conflict:
        theirs = {"message": conflict.message, "theirs": str(conflict.current), "version": conflict.current.version}
        return JsonResponse(theirs, status=409)
    except answering.AssessmentNotOpen as closed:
        return JsonResponse({"message": closed.message}, status=409)
    except Refused as refusal:
        return JsonResponse({"errors": {refusal.field or "choice": [refusal.message]}}, status=422)
    except posted.NotADay as unread:
        return JsonResponse({"errors": {"event_on": [str(unread)]}}, status=422)
    saved = f"{timezone.localtime(now):%H:%M}"
    return JsonResponse({"version": kept.version, "saved": saved, "mark": posted.as_kept(kept).mark})


@require_safe
@member
def progress(request: MemberRequest, pk: UUID, key: str) -> HttpResponse:
    """Show how far the assessment is and where its score can still end, beside the questions."""
    sheet = Worksheet(find(request, pk), user=request.user, today=timezone.localdate())
    page = {"assessment": sheet.assessment, "sheet": sheet, "tasks": sheet.tasks(), "key": key}
    return render(request, "assessments/progress.html", page)


def _give(row: Answer, typed: Typed, *, by: User, now: datetime) -> Answer:
    return answering.answer(
        row,
        choice=typed.choice,
        option_key=typed.option_key,
        reason=typed.reason,
        comment=typed.comment,
        event_on=typed.event_day,
        version=typed.version,
        by=by,
        now=now,
    )


def _save_all(request: MemberRequest, answers: list[Answer]) -> Refusals:
    """Save each question that was touched on its own, and return those that were refused with the reason."""
    refused: Refusals = {}
    now = timezone.now()
    for row in answers:
        typed = posted.read(request.POST, row.key)
        if typed is None or typed.is_untouched:
            continue
        try:
            _give(row, typed, by=request.user, now=now)
        except answering.EditConflict as conflict:
            refused[row.key] = typed, Problem(conflict.message, conflict.current)
        except Refused as refusal:
            refused[row.key] = typed, Problem(refusal.message)
        except posted.NotADay as unread:
            refused[row.key] = typed, Problem(str(unread))
    return refused


def _page(request: MemberRequest, assessment: Assessment, key: str, refused: Refusals) -> HttpResponse:
    sheet = Worksheet(assessment, user=request.user, today=timezone.localdate())
    asked = [_asked(row, refused.get(row.key)) for row in sheet.rows(key)]
    page = {
        "assessment": assessment,
        "sheet": sheet,
        "tasks": sheet.tasks(),
        "key": key,
        "title": Dimension(key).label,
        "place": Dimension.values.index(key) + 1,
        "asked": asked,
        "problems": [
            {"url": f"#{one.row.key}", "text": f"{one.row.question.text} {one.problem.message}"}
            for one in asked
            if one.problem
        ],
        "previous": worksheet.previous_dimension(key),
        "next": worksheet.next_dimension(key),
        "back": request.GET.get("back") == "check",
    }
    conflicts = any(problem.current for _typed, problem in refused.values()) or (refused and not assessment.is_open)
    return render(request, "assessments/dimension.html", page, status=409 if conflicts else 422 if refused else 200)


def _asked(row: Row, refused: tuple[Typed, Problem] | None) -> Asked:
    kept = posted.as_kept(row.answer)
    if refused is None:
        return Asked(row, kept, kept.mark)
    typed, problem = refused
    # Saving again means it: the person has seen the other answer and decides on top of it.
    return Asked(row, replace(typed, version=kept.version, was=""), kept.mark, problem)


def _then(request: MemberRequest, assessment: Assessment, key: str) -> HttpResponse:
    """Go where the pressed button says: on, back, or to a step about one question."""
    verb, _, about = request.POST.get("then", "next").partition(" ")
    if verb in _ON_A_QUESTION:
        question, _, item = about.partition(" ")
        row = assessment.answers.select_related("question", "option", "deployment").named(question).first()
        if row is None:
            raise Http404
        return _ON_A_QUESTION[verb](request, row, item)
    if request.GET.get("back") == "check" and verb != "stay":
        return redirect("web:assessment-check", pk=assessment.pk)
    place = {"previous": worksheet.previous_dimension(key), "stay": key}.get(verb, worksheet.next_dimension(key))
    if place:
        return redirect("web:assessment-dimension", pk=assessment.pk, key=place)
    return redirect("web:assessment-detail" if verb == "previous" else "web:assessment-check", pk=assessment.pk)


def _keep(request: MemberRequest, row: Answer, item: str) -> HttpResponse:
    steps.attempt(request, lambda: previous.keep(row, version=row.version, by=request.user, now=timezone.now()))
    return _back_to(request, row)


def _take(request: MemberRequest, row: Answer, item: str) -> HttpResponse:
    steps.attempt(request, lambda: taking.take(row, version=row.version, by=request.user, now=timezone.now()))
    return _back_to(request, row)


def _clear(request: MemberRequest, row: Answer, item: str) -> HttpResponse:
    steps.attempt(
        request,
        lambda: answering.answer(row, choice="", version=row.version, by=request.user, now=timezone.now()),
    )
    return _back_to(request, row)


def _detach(request: MemberRequest, row: Answer, item: str) -> HttpResponse:
    evidence = _evidence(row, item)
    steps.done(
        request,
        lambda: answering.detach(row, evidence, by=request.user, now=timezone.now()),
        message=f"{evidence.ref} no longer supports this answer. It stays on record.",
    )
    return _back_to(request, row)


def _add_evidence(request: MemberRequest, row: Answer, item: str) -> HttpResponse:
    return redirect(_with_back(request, reverse("web:answer-evidence", args=[row.assessment_id, row.pk])))


def _verify(request: MemberRequest, row: Answer, item: str) -> HttpResponse:
    evidence = _evidence(row, item)
    return redirect(_with_back(request, reverse("web:answer-verify", args=[row.assessment_id, row.pk, evidence.pk])))


def _evidence(row: Answer, item: str) -> Evidence:
    found = next((one for one in row.evidence.all() if str(one.pk) == item), None)
    if found is None:
        raise Http404
    return found


def _back_to(request: HttpRequest, row: Answer) -> HttpResponse:
    page, _, fragment = answer_rows.question_url(row).partition("#")
    return redirect(f"{_with_back(request, page)}#{fragment}")


def _with_back(request: HttpRequest, url: str) -> str:
    return f"{url}?back=check" if request.GET.get("back") == "check" else url


_ON_A_QUESTION = {
    "keep": _keep,
    "take": _take,
    "clear": _clear,
    "detach": _detach,
    "evidence": _add_evidence,
    "verify": _verify,
}
