"""Evidence for an answer: adding a file, a link, a note or what is on record, and recording what it shows."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.models import User
from assessments.answers import answering, supports, verifying
from assessments.lists import EvidenceFilters
from assessments.models import Answer, AnswerEvidence
from evidence import records
from evidence.models import Evidence
from riskregister.queries.searching import with_words
from web.assessments import answer_rows
from web.assessments.assessments import find
from web.forms.assessments.answers import FileForm, LinkForm, NoteForm, OnRecordForm, VerifyForm
from web.page_parts import asking, lists, steps
from web.page_parts.access import MemberRequest, member
from web.page_parts.asking import asks

KINDS = {"file": "File", "link": "Link", "note": "Note", "record": "On record"}
RECENT = 200


@asks
@member
def add(request: MemberRequest, pk: UUID, answer: UUID) -> HttpResponse:
    """Attach evidence to an answer; `?kind=` says what it is."""
    row = _answer(request, pk, answer)
    kind = request.GET.get("kind", "file")
    kind = kind if kind in KINDS else "file"
    found = _on_record(request, row) if kind == "record" else None
    form = _form(request, kind, found)
    if request.method == "POST" and form.is_valid():
        attached = steps.attempt(
            request, lambda: _attach(row, kind, form.cleaned_data, by=request.user, now=timezone.now()), form=form
        )
        if attached is not None:
            messages.success(request, "The evidence is attached.")
            return redirect(_question_url(request, row))
    page = {
        "row": row,
        "assessment": row.assessment,
        "form": form,
        "kind": kind,
        "found": found,
        "words": lists.words_in(request),
        "back_url": _question_url(request, row),
        "tabs": [_tab(request, key, word, kind) for key, word in KINDS.items()],
    }
    return render(request, "assessments/evidence.html", page, status=asking.status_of(form))


@asks
@member
def verify(request: MemberRequest, pk: UUID, answer: UUID, evidence: UUID) -> HttpResponse:
    """Record what a document behind an answer shows of it, and where."""
    row = _answer(request, pk, answer)
    item = get_object_or_404(Evidence.objects.visible_to(request.user).filter(answers=row), pk=evidence)
    form = VerifyForm(request.POST or None, initial={"document_date": item.issued_on})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if steps.done(
            request,
            lambda: verifying.verify(row, item, by=request.user, now=timezone.now(), **data),
            message=f"What {item.ref} shows of this answer is on record.",
            form=form,
        ):
            return redirect(_question_url(request, row))
    page = {
        "row": row,
        "assessment": row.assessment,
        "item": _line(row, item),
        "form": form,
        "back_url": _question_url(request, row),
    }
    return render(request, "assessments/verify.html", page, status=asking.status_of(form))


def _line(row: Answer, item: Evidence) -> answer_rows.EvidenceLine:
    prefetch_related_objects([row], *supports.read())
    support = next(one for one in supports.of(row) if one.evidence.pk == item.pk)
    return answer_rows.evidence_line(support, row, today=timezone.localdate(), seen={item.pk})


def _answer(request: MemberRequest, pk: UUID, answer: UUID) -> Answer:
    assessment = find(request, pk)
    near = ("question", "option", "deployment", "assessment__unit", "assessment__server")
    row = get_object_or_404(assessment.answers.asked().select_related(*near), pk=answer)
    answering.attach.require(row, request.user)
    return row


def _form(request: HttpRequest, kind: str, found: lists.First[UUID] | None) -> forms.Form:
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    if kind == "record":
        return OnRecordForm(data, offered=Evidence.objects.filter(pk__in=found.rows if found else []))
    return {"file": FileForm, "link": LinkForm, "note": NoteForm}[kind](data, files)


def _on_record(request: MemberRequest, row: Answer) -> lists.First[UUID]:
    """Return the newest evidence that the answer can take up and that holds the words in the address."""
    near = Evidence.objects.visible_to(request.user).filter(Q(unit=row.assessment.unit_id) | Q(unit__isnull=True))
    if words := lists.words_in(request):
        near = near.filter(with_words(Evidence, words, also=EvidenceFilters.also))
    return lists.first(near.exclude(answers=row).order_by("-number").values_list("pk", flat=True), RECENT)


def _attach(row: Answer, kind: str, data: dict[str, Any], *, by: User, now: datetime) -> AnswerEvidence:
    evidence = data["evidence"] if kind == "record" else _prepared(row, kind, data, by=by, now=now)
    return answering.attach(row, evidence, by=by, now=now)


def _prepared(row: Answer, kind: str, data: dict[str, Any], *, by: User, now: datetime) -> Evidence:
    name, prepare = _PREPARE[kind]
    facts = {key: value for key, value in data.items() if key != name}
    return prepare(data[name], **facts, unit=answering.whose_evidence(row), by=by, now=now)


_PREPARE: dict[str, tuple[str, Callable[..., Evidence]]] = {
    "file": ("file", records.prepare_file),
    "link": ("url", records.prepare_link),
    "note": ("note", records.prepare_note),
}


def _question_url(request: HttpRequest, row: Answer) -> str:
    page, _, fragment = answer_rows.question_url(row).partition("#")
    return f"{page}?back=check#{fragment}" if request.GET.get("back") == "check" else f"{page}#{fragment}"


def _tab(request: HttpRequest, key: str, word: str, kind: str) -> dict[str, Any]:
    query = request.GET.copy()
    query["kind"] = key
    return {"url": f"?{query.urlencode()}", "word": word, "count": None, "current": key == kind}
