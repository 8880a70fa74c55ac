"""Rules: the list, a rule with what it would have said last week, and the pages of its steps."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from alerts.lists import ALERT_RULES
from alerts.models import AlertRule
from alerts.rules import preview, wording, writing
from web.forms.alert_rules import NewRuleForm, RuleForm, facts_of
from web.forms.reasons import ReasonForm
from web.page_parts import asking, buttons, history, listing
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button

BUTTONS = (
    Button(writing.start, "start", "Start", is_main=True),
    Button(writing.rewrite, "rewrite", "Change"),
    Button(writing.pause, "pause", "Pause", is_danger=True),
    Button(writing.retire, "retire", "Retire", is_danger=True),
)


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the rules that the person may see; `?format=csv` downloads exactly this view."""
    page = {"may_manage": writing.write.may_somewhere(request.user), "section": "inbox"}
    return listing.shown(request, ALERT_RULES, template="alert_rules/index.html", page=page)


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a rule in words."""
    row = _find(request, pk)
    page = {
        "rule": row,
        "words": wording.sentence(row),
        "offers": [one for one in buttons.offers(BUTTONS, row, request.user, of="alert-rule") if not one.who],
        "section": "inbox",
        **history.shown(request.user, row),
    }
    return render(request, "alert_rules/detail.html", page)


@require_safe
@member
def last_week(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what a rule would have said last week; nobody is told."""
    row = _find(request, pk)
    week = preview.last_week(row, reader=request.user, now=timezone.now())
    page = {"rule": row, "words": wording.sentence(row), "week": week}
    return render(request, "alert_rules/last_week.html", page | {"most": preview.MOST, "section": "inbox"})


@asks
@member_who_may(writing.write)
def write(request: MemberRequest) -> HttpResponse:
    """Write a rule."""
    form = asking.filled(request, NewRuleForm, by=request.user)
    page = Page(
        "Write a rule",
        "It is paused at first: look at what it would have said last week, then start it. It adds to what people are "
        "told anyway and holds nothing back.",
        "Write the rule",
        reverse("web:alert-rule-list"),
        "Rules",
        "inbox",
    )
    return asking.begin(
        request,
        form,
        page,
        step=lambda data: writing.write(unit=data["unit"], **facts_of(data), by=request.user, now=timezone.now()),
        message="The rule is written, and paused.",
        route="web:alert-rule-last-week",
    )


@asks
@member_who_may(writing.rewrite)
def rewrite(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Write a rule anew."""
    row = _find(request, pk)
    writing.rewrite.require(row, request.user)
    form = asking.filled(request, RuleForm, by=request.user, row=row)
    return asking.ask(
        request,
        form,
        _page_of(row, "Change", "It says this from now on; what was told is told."),
        step=lambda data: form.take(row, **facts_of(data), by=request.user, now=timezone.now()),
        message=f"{row.ref} is changed.",
    )


@asks
@member_who_may(writing.start)
def start(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Start a rule."""
    row = _find(request, pk)
    writing.start.require(row, request.user)
    return asking.ask(
        request,
        asking.filled(request, asking.Nothing),
        _page_of(row, "Start", f"From now on: {wording.sentence(row)}"),
        step=lambda _: writing.start(row, by=request.user, now=timezone.now()),
        message=f"{row.ref} is started.",
    )


@asks
@member_who_may(writing.pause)
def pause(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Pause a rule."""
    row = _find(request, pk)
    writing.pause.require(row, request.user)
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        _page_of(row, "Pause", "Nobody is told by it until it is started again.", is_danger=True),
        step=lambda data: writing.pause(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is paused.",
    )


@asks
@member_who_may(writing.retire)
def retire(request: MemberRequest, pk: UUID) -> HttpResponse:
    """End a rule."""
    row = _find(request, pk)
    writing.retire.require(row, request.user)
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        _page_of(row, "Retire", "It ends for good. What people are told anyway goes on.", is_danger=True),
        step=lambda data: writing.retire(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is retired.",
    )


def _find(request: MemberRequest, pk: UUID) -> AlertRule:
    rows = AlertRule.objects.select_related("unit", "vendor", "written_by").prefetch_related("people", "channels")
    return visible(rows, request.user, pk=pk)


def _page_of(row: AlertRule, label: str, words: str, *, is_danger: bool = False) -> Page:
    back = reverse("web:alert-rule-detail", args=[row.pk])
    return Page(f"{label}: {row.name}", words, label, back, row.ref, "inbox", is_danger)
