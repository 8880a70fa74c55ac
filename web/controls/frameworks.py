"""Frameworks: the list, how each is covered, the import of an OSCAL file, and the organisation's own controls."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from catalogue import frameworks
from catalogue.models import Control, Framework
from catalogue.oscal import reading
from catalogue.oscal.documents import LIMIT_BYTES, Document
from controls import coverage, statuses
from controls.models import ControlStatus
from vendors.strict_json import DocumentInvalid, Problem
from web.controls.section_statuses import sections_of
from web.forms.controls.frameworks import ControlForm, ImportForm, NewControlForm
from web.forms.reasons import ReasonForm
from web.page_parts import asking, history, steps
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks

SECTION = "framework-list"
COLUMNS = ("In place", "Partly", "Planned", "Missing", "Not applicable", "Contradicted", "Not known")


@require_safe
@member
def index(request: MemberRequest) -> HttpResponse:
    """Show the frameworks that count, with how many controls each has and what is stated of them."""
    stated = ControlStatus.objects.visible_to(request.user).stated()
    counted = dict(
        stated.order_by().values("control__framework").annotate(rows=Count("pk")).values_list(
            "control__framework", "rows"
        )
    )  # fmt: skip
    in_force = Count("controls", filter=Q(controls__status=Control.ACTIVE))
    rows = Framework.objects.visible_to(request.user).current().annotate(in_force=in_force)
    page = {
        "rows": [(row, counted.get(row.pk, 0)) for row in rows.order_by("origin", "title")],
        "can_write": frameworks.take.may_somewhere(request.user),
        "orphaned": ControlStatus.objects.visible_to(request.user).orphaned().count(),
        "section": SECTION,
    }
    return render(request, "controls/frameworks.html", page)


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show how a framework is covered, one section at a time: questions, statuses, evidence and findings a control."""
    framework = visible(Framework.objects.all(), request.user, pk=pk)
    sections = sections_of(framework)
    asked = request.GET.get("section", sections[0] if sections else "")
    if sections and asked not in sections:
        raise Http404
    found = coverage.of(framework, request.user, today=timezone.localdate(), section=asked)
    is_own = framework.origin == Framework.Origin.OWN
    page = {
        "framework": framework,
        "found": found,
        "rows": [(row, _figures(row)) for row in found.rows],
        "chosen": asked,
        "sections": [(one, f"?{urlencode({'section': one})}") for one in sections],
        "can_state": _can_state(framework, request.user),
        "can_add": framework.is_current and is_own and frameworks.add_control.may_somewhere(request.user),
        "can_change": framework.is_current and is_own and _can_change(framework, request.user),
        "is_own": is_own,
        "state_url": f"{reverse('web:framework-state', args=[framework.pk])}?{urlencode({'section': asked})}",
        **history.shown(request.user, framework),
        "section": SECTION,
    }
    return render(request, "controls/coverage.html", page)


def _can_state(framework: Framework, user: User) -> bool:
    may = statuses.state_for_organisation.may_somewhere(user) and not statuses.refuse_for_all(user)
    return framework.is_current and may


def _can_change(framework: Framework, user: User) -> bool:
    may = frameworks.change_control.offer_of(framework, user).may
    return may and frameworks.of_all_units(framework, user) is None


def _figures(row: coverage.Row) -> list[tuple[str, int]]:
    """Return in how many servers the control has which status, without those that no server has."""
    counts = [*(row.counts[status] for status in coverage.STATUSES), row.contradicted, row.not_known]
    return [(word, count) for word, count in zip(COLUMNS, counts, strict=True) if count]


@asks
@member_who_may(frameworks.take)
def take(request: MemberRequest) -> HttpResponse:
    """Take in an OSCAL file; each fault is named with its place."""
    form = asking.filled(request, ImportForm)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            document = _document(form.cleaned_data["file"])
        except DocumentInvalid as error:
            problems = error.problems
        else:
            made = steps.attempt(request, lambda: _taken(request, document, form.cleaned_data), form=form)
            if made is not None:
                return redirect("web:framework-detail", pk=made.pk)
    page = {"form": form, "problems": problems, "most": LIMIT_BYTES, "section": SECTION}
    status = asking.REFUSED if problems or form.errors else 200
    return render(request, "controls/import.html", page, status=status)


def _document(file: Any) -> Document:
    if file.size > LIMIT_BYTES:
        raise DocumentInvalid([Problem("", f"The file has more than {LIMIT_BYTES // 1024 // 1024} MB.")])
    return reading.read(file.read())


def _taken(request: MemberRequest, document: Document, cleaned: dict[str, Any]) -> Framework:
    return frameworks.take(
        document=document, key=cleaned["key"], below=cleaned["below"], by=request.user, now=timezone.now()
    )


@asks
@member_who_may(frameworks.add_control)
def add_control(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Add a control of the organisation's own."""
    own = _own(request, pk)
    return asking.ask(
        request,
        asking.filled(request, NewControlForm),
        _page_of(own, "Add a control", "It can be stated for servers as those of any framework.", "Add the control"),
        step=lambda data: frameworks.add_control(own, **data, by=request.user, now=timezone.now()),
        message="The control is added.",
    )


@asks
@member_who_may(frameworks.change_control)
def change_control(request: MemberRequest, pk: UUID, control: int) -> HttpResponse:
    """Put one of the organisation's own controls in other words."""
    own = _own(request, pk)
    row = _control(own, control)
    form = asking.filled(request, ControlForm, row=row)
    return asking.ask(
        request,
        form,
        _page_of(own, f"Change {row.ref}", "What was stated of it stays.", "Save"),
        step=lambda data: form.take(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is saved.",
    )


@asks
@member_who_may(frameworks.withdraw_control)
def withdraw_control(request: MemberRequest, pk: UUID, control: int) -> HttpResponse:
    """Let one of the organisation's own controls count no more."""
    own = _own(request, pk)
    row = _control(own, control)
    words = "It counts for nothing any more. What was stated of it is kept."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        _page_of(own, f"Withdraw {row.ref}", words, "Withdraw it"),
        step=lambda data: frameworks.withdraw_control(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is withdrawn.",
    )


def _own(request: MemberRequest, pk: UUID) -> Framework:
    own = visible(Framework.objects.all(), request.user, pk=pk)
    if own.origin != Framework.Origin.OWN:
        raise Http404
    return own


def _control(framework: Framework, key: int) -> Control:
    found = framework.controls.select_related("framework").filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def _page_of(own: Framework, heading: str, consequence: str, label: str) -> Page:
    return Page(heading, consequence, label, reverse("web:framework-detail", args=[own.pk]), own.title, SECTION)
