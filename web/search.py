"""Search: anything of the register by its number or by words, among what the person may see."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models import User
from assessments.models import Assessment
from decisions.models import Approval, Review
from evidence.models import Evidence
from findings.models import Finding, RiskAcceptance
from reports.models import Report
from riskregister import nouns
from vendors.models import Deployment, Server, Vendor
from web import lists
from web.access import MemberRequest, member
from web.go import page_of, url_of

SHOWN = 10
_NUMBER = re.compile(r"\s*([A-Za-z]{1,2})-(\d{1,12})\s*")
_NUMBERED: tuple[type[Any], ...] = (
    Vendor,
    Server,
    Deployment,
    Evidence,
    Assessment,
    Finding,
    Review,
    Report,
    RiskAcceptance,
    Approval,
)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one kind: title and address of each, the first few."""

    title: str
    rows: Sequence[tuple[str, str, str]]
    has_more: bool


@require_safe
@member
def search(request: MemberRequest) -> HttpResponse:
    """Go to the object with this number, else show what holds the words."""
    asked = lists.words_in(request)
    if url := _numbered(request.user, asked):
        return redirect(url)
    groups = _by_words(request.user, asked) if len(asked) > 1 else []
    shown = {"q": asked, "groups": [group for group in groups if group.rows], "section": "search"}
    return render(request, "home/search.html", shown)


def _numbered(user: User, asked: str) -> str:
    match = _NUMBER.fullmatch(asked)
    if not match:
        return ""
    prefix, number = match[1].upper(), int(match[2])
    for model in _NUMBERED:
        if prefix == nouns.card(model).prefix:
            found = model._default_manager.visible_to(user).filter(number=number).values_list("pk", flat=True).first()
            return page_of(user, model._meta.model_name, found) if found else ""
    return ""


def _by_words(user: User, asked: str) -> list[Found]:
    seen = Assessment.objects.visible_to(user).select_related("server", "release")
    findings = Finding.objects.visible_to(user).select_related("server", "vendor")
    return [
        _found(user, "Vendors", Vendor.objects.visible_to(user), ("name", "legal_entity"), asked, _status),
        _found(user, "Servers", Server.objects.visible_to(user), ("title", "name"), asked, lambda row: row.name),
        _found(user, "Assessments", seen, ("server__title", "server__name"), asked, _status),
        _found(user, "Findings", findings, ("title", "question_key"), asked, lambda row: str(row.subject)),
        _found(user, "Evidence", Evidence.objects.visible_to(user), ("title", "file_name"), asked, _kind),
    ]


def _found(
    user: User,
    title: str,
    rows: QuerySet[Any],
    fields: Sequence[str],
    asked: str,
    hint: Callable[[Any], str],
) -> Found:
    matches = Q()
    for field in fields:
        matches |= Q(**{f"{field}__icontains": asked})
    found = list(rows.filter(matches)[: SHOWN + 1])
    shown = [(str(row), url_of(type(row)._meta.model_name or "", row.pk), hint(row)) for row in found[:SHOWN]]
    return Found(title, shown, len(found) > SHOWN)


def _status(row: Vendor | Assessment) -> str:
    return row.get_status_display()


def _kind(row: Evidence) -> str:
    return row.get_kind_display()
