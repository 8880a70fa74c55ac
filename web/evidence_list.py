"""All evidence in one list, as a page and as CSV; adding some before there is an answer that rests on it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.access import Capability
from accounts.models import User
from assessments.models import AnswerEvidence, Assessment
from evidence import records, verification
from evidence.models import Evidence
from web import asking, lists, steps
from web.access import MemberRequest, member, member_who
from web.asking import asks
from web.evidenceframe import state_of
from web.filters.evidence import EvidenceFilters
from web.forms.evidence import FORMS
from web.serverframe import Tab, count_of

KINDS = {"file": "File", "link": "Link", "note": "Note"}
SORTS = {
    "number": ("-number",),
    "title": ("title", "number"),
    "valid": ("valid_until", "number"),
    "uses": ("-uses", "-number"),
}
COLUMNS = {
    "Number": lambda row: row.ref,
    "Title": lambda row: row.title,
    "Kind": lambda row: row.get_kind_display(),
    "Made by": lambda row: row.get_issuer_display(),
    "Level": lambda row: f"E{verification.level(row, today=timezone.localdate())}",
    "State": state_of,
    "Issued on": lambda row: row.issued_on,
    "Valid until": lambda row: row.valid_until,
    "Unit": lambda row: row.unit.name if row.unit else "",
    "Answers": lambda row: row.uses,
    "File": lambda row: row.file_name,
    "Address": lambda row: row.url,
    "SHA-256": lambda row: row.blob_id or "",
    "Added by": lambda row: row.added_by.name,
    "Added at": lambda row: row.added_at.isoformat(),
}
LIST = lists.Kind("pieces of evidence", EvidenceFilters, SORTS, default="number", columns=COLUMNS, file_name="evidence")


@require_safe
@member
def index(request: MemberRequest) -> HttpResponse:
    """Show the evidence that the person may see; `?format=csv` downloads exactly this view."""
    rows = _listed(request)
    if lists.wants_csv(request):
        return lists.csv_of(request, rows, LIST)  # type: ignore[return-value]
    listed, today = lists.listing(request, rows, LIST), timezone.localdate()
    page = {
        "list": listed,
        "rows": [(row, verification.level(row, today=today), state_of(row)) for row in listed.rows],
        "can_add": access.of(request.user).can(Capability.WRITE),
    }
    return render(request, "evidence/index.html", page)


@asks
@member_who(Capability.WRITE)
def add(request: MemberRequest) -> HttpResponse:
    """Put a file, a link or a note on record; `?kind=` says which."""
    kind = request.GET.get("kind", "file")
    kind = kind if kind in KINDS else "file"
    form: forms.Form = asking.filled(request, FORMS[kind], by=request.user)
    if request.method == "POST" and form.is_valid():
        said, now = form.cleaned_data, timezone.now()
        made = steps.attempt(request, lambda: _ADD[kind](said, by=request.user, now=now), form=form)
        if made is not None:
            messages.success(request, f"{made.ref} is on record. An answer takes it up under “On record”.")
            return redirect("web:evidence-detail", pk=made.pk)
    tabs = [Tab(f"?kind={key}", word, None, key == kind) for key, word in KINDS.items()]
    page = {"form": form, "tabs": tabs, "section": "evidence-list"}
    return render(request, "evidence/add.html", page, status=asking.status_of(form))


def _listed(request: HttpRequest) -> QuerySet[Evidence]:
    seen = Assessment.objects.visible_to(request.user)
    uses = AnswerEvidence.objects.filter(answer__assessment__in=seen)
    rows = Evidence.objects.visible_to(request.user).select_related("unit", "added_by")
    return rows.defer("note").prefetch_related("verifications").annotate(uses=count_of(uses, "evidence"))


def _file(said: Mapping[str, Any], *, by: User, now: datetime) -> Evidence:
    return records.add_file(said["file"], **_without(said, "file"), by=by, now=now)


def _link(said: Mapping[str, Any], *, by: User, now: datetime) -> Evidence:
    return records.add_link(said["url"], **_without(said, "url"), by=by, now=now)


def _note(said: Mapping[str, Any], *, by: User, now: datetime) -> Evidence:
    return records.add_note(said["note"], **_without(said, "note"), by=by, now=now)


def _without(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key != name}


_ADD: dict[str, Callable[..., Evidence]] = {"file": _file, "link": _link, "note": _note}
