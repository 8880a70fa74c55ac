"""Escalations: what waits and nobody has acknowledged, one of them, and saying that one has it."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.models import Role, User
from escalations import acknowledging, climbing, ladders
from escalations.lists import ESCALATIONS
from escalations.models import Escalation
from scoring.scales import Severity
from web.page_parts import asking, history, listing, lists, object_pages
from web.page_parts.access import MemberRequest, member, visible
from web.page_parts.asking import Page, asks

NAMED = 5


class AcknowledgeForm(forms.Form):
    """What happens now."""

    note = forms.CharField(
        label="What happens now", required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show what nobody has acknowledged, the worst first; `?format=csv` downloads exactly this view."""
    return listing.shown(request, ESCALATIONS, template="escalations/index.html")


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what waits, who has been told, and who is told next."""
    row = _find(request, pk)
    page = {
        "escalation": row,
        "about_url": object_pages.page_of(request.user, row.kind, row.object_id),
        "days": row.days(now=timezone.now()),
        "begun_at": history.moments(row, [climbing.BEGUN]).get(climbing.BEGUN),
        "rungs": _rungs(row),
        "can_acknowledge": acknowledging.acknowledge.offer(row, request.user).may,
        "section": "home",
        **history.shown(request.user, row),
    }
    return render(request, "escalations/detail.html", page)


@asks
@member
def acknowledge(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Say that one has it."""
    row = _find(request, pk)
    acknowledging.acknowledge.require(row, request.user)
    if refusal := acknowledging.acknowledge.rule.why_barred(row, request.user):
        raise refusal
    back = reverse("web:escalation-detail", args=[row.pk])
    words = "You have it then: nobody further up is told of it. It stays in sight until it is done."
    return asking.ask(
        request,
        asking.filled(request, AcknowledgeForm),
        Page(f"Acknowledge: {row.label}", words, "I have it", back, row.what, "home"),
        step=lambda data: acknowledging.acknowledge(row, **data, by=request.user, now=timezone.now()),
        message="Acknowledged. Nobody further up is told.",
    )


def about(user: User, *keys: UUID) -> list[tuple[Escalation, bool]]:
    """Return what escalates about objects that the person sees, each with whether they may acknowledge it."""
    rows = Escalation.objects.visible_to(user).standing().filter(object_id__in=keys).select_related("acknowledged_by")
    return [(row, acknowledging.acknowledge.offer(row, user).may) for row in rows]


def _find(request: MemberRequest, pk: UUID) -> Escalation:
    return visible(Escalation.objects.select_related("unit", "acknowledged_by"), request.user, pk=pk)


def _rungs(row: Escalation) -> list[tuple[str, str, datetime | None, bool]]:
    """Return each rung after the owner's: its word, who stands on it, when it was or will be told, and whether it was.

    While nobody will be told there is no moment.
    """
    told_at = _told_at(row)
    severity = Severity(row.severity)
    heads = access.people_of_all_units(Role.MANAGER)
    found = (
        (Escalation.Rung.MANAGERS, access.people_with([Role.MANAGER], unit_id=row.unit_id), ladders.until_managers),
        (Escalation.Rung.HEAD, heads, ladders.until_head),
    )
    administrators = access.people_with([Role.ADMINISTRATOR], unit_id=None)
    waits = row.status == Escalation.Status.WAITING
    return [
        (
            rung.label,
            lists.named([str(one) for one in people] or [str(one) for one in administrators], most=NAMED),
            told_at.get(rung) or (row.began_at + until(severity) if waits else None),
            rung in told_at,
        )
        for rung, people, until in found
    ]


def _told_at(row: Escalation) -> dict[str, datetime]:
    """Return when each rung that was reached was told."""
    at = history.moments(row, climbing.VERBS.values())
    return {rung: at[verb] for rung, verb in climbing.VERBS.items() if verb in at}
