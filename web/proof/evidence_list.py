"""All evidence in one list, as a page and as CSV; adding some before there is an answer that rests on it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from assessments.lists import EVIDENCE
from evidence import records
from evidence.models import Evidence
from web.forms.assessments.evidence import FORMS
from web.page_parts import asking, listing, steps
from web.page_parts.access import MemberRequest, member, member_who_may
from web.page_parts.asking import asks
from web.servers.serverframe import Tab

KINDS = {"file": "File", "link": "Link", "note": "Note"}


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the evidence that the person may see; `?format=csv` downloads exactly this view."""
    page = {"can_add": records.add.may_somewhere(request.user)}
    return listing.shown(request, EVIDENCE, template="evidence/index.html", page=page)


@asks
@member_who_may(records.add)
def add(request: MemberRequest) -> HttpResponse:
    """Put a file, a link or a note on record; `?kind=` says which."""
    kind = request.GET.get("kind", "file")
    kind = kind if kind in KINDS else "file"
    form: forms.Form = asking.filled(request, FORMS[kind], by=request.user)
    if request.method == "POST" and form.is_valid():
        data, now = form.cleaned_data, timezone.now()
        made = steps.attempt(request, lambda: _ADD[kind](data, by=request.user, now=now), form=form)
        if made is not None:
            messages.success(request, f"{made.ref} is on record. An answer takes it up under “On record”.")
            return redirect("web:evidence-detail", pk=made.pk)
    tabs = [Tab(f"?kind={key}", word, None, key == kind) for key, word in KINDS.items()]
    page = {"form": form, "tabs": tabs, "section": "evidence-list"}
    return render(request, "evidence/add.html", page, status=asking.status_of(form))


def _file(data: Mapping[str, Any], *, by: User, now: datetime) -> Evidence:
    return records.add_file(data["file"], **_without(data, "file"), by=by, now=now)


def _link(data: Mapping[str, Any], *, by: User, now: datetime) -> Evidence:
    return records.add_link(data["url"], **_without(data, "url"), by=by, now=now)


def _note(data: Mapping[str, Any], *, by: User, now: datetime) -> Evidence:
    return records.add_note(data["note"], **_without(data, "note"), by=by, now=now)


def _without(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key != name}


_ADD: dict[str, Callable[..., Evidence]] = {"file": _file, "link": _link, "note": _note}
