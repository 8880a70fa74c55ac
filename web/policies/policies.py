"""Policies: the list, a policy with what it blocked or would have, the pages of its steps; and what was denied."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Unit, User
from accounts.steps import Step
from containment import policies
from containment.lists import DENIALS, POLICIES
from containment.models import Denial, Policy
from web.forms.reasons import ReasonForm
from web.page_parts import asking, buttons, history, listing
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button

BUTTONS = (
    Button(policies.enforce, "enforce", "Enforce", is_main=True),
    Button(policies.observe, "observe", "Only observe", is_danger=True),
    Button(policies.retire, "retire", "Retire", is_danger=True),
)
# What a policy blocked, or would have, is shown for so long.
WEEK = timedelta(days=7)
_MOST_SHOWN = 10


class PolicyForm(forms.Form):
    """A new policy: in which unit, what it is called, and why."""

    unit = forms.ModelChoiceField(queryset=Unit.objects.none(), empty_label=None)
    name = forms.CharField(max_length=120, help_text="What asks, such as “Gateway of Payments”.")
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Offer the units in which the person may write one and that have none."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        field.queryset = policies.write.units(by).exclude(policies__in=Policy.objects.standing())


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the policies that the person may see; `?format=csv` downloads exactly this view."""
    may_write = policies.write.may_somewhere(request.user)
    return listing.shown(request, POLICIES, template="policies/index.html", page={"may_write": may_write})


@require_safe
@member
def denials(request: MemberRequest) -> HttpResponseBase:
    """Show what was denied, or would have been; `?format=csv` downloads exactly this view."""
    return listing.shown(request, DENIALS, template="policies/denials.html", page={"section": "policy-list"})


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a policy, and what it blocked in the last week or would have blocked."""
    row = _find(request, pk)
    since = timezone.localdate() - WEEK
    week = Denial.objects.visible_to(request.user).filter(unit=row.unit_id, on__gt=since)
    times = {
        blocked: week.filter(was_blocked=blocked).aggregate(all=Sum("times"))["all"] or 0 for blocked in (True, False)
    }
    page = {
        "policy": row,
        "offers": [one for one in buttons.offers(BUTTONS, row, request.user, of="policy") if not one.who],
        "denials": week.select_related("server")[:_MOST_SHOWN],
        "blocked": times[True],
        "would_have": times[False],
        **history.shown(request.user, row),
    }
    return render(request, "policies/detail.html", page)


@asks
@member_who_may(policies.write)
def write(request: MemberRequest) -> HttpResponse:
    """Write the policy of a unit that has none."""
    return asking.begin(
        request,
        asking.filled(request, PolicyForm, signs=(policies.write, Policy()), by=request.user),
        Page(
            "Write a policy",
            "It observes at first: only what is suspended is blocked in the unit any more, and the rest is counted.",
            "Write the policy",
            reverse("web:policy-list"),
            "Policies",
            "policy-list",
        ),
        step=lambda data: policies.write(**data, by=request.user, now=timezone.now()),
        message="The policy is written. It observes.",
        route="web:policy-detail",
    )


@asks
@member_who_may(policies.enforce)
def enforce(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Let a policy block."""
    words = "From now on calls of what is not approved are blocked in the unit. Look first at what would have been."
    return _moved(request, pk, policies.enforce, "Enforce", words, "{} is enforced.")


@asks
@member_who_may(policies.observe)
def observe(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Let a policy block only what is suspended any more."""
    words = "Only what is suspended is blocked: agents may call what nobody approved. Managers and approvers are told."
    return _moved(request, pk, policies.observe, "Only observe", words, "{} observes.", danger=True)


@asks
@member_who_may(policies.retire)
def retire(request: MemberRequest, pk: UUID) -> HttpResponse:
    """End a policy."""
    words = "A unit without a policy is answered as if one were enforced: what is not approved is blocked."
    return _moved(request, pk, policies.retire, "Retire", words, "{} is retired.", danger=True)


def _moved(
    request: MemberRequest,
    pk: UUID,
    step: Step[Any, Policy],
    label: str,
    words: str,
    message: str,
    *,
    danger: bool = False,
) -> HttpResponse:
    row = _find(request, pk)
    back = reverse("web:policy-detail", args=[row.pk])
    return asking.ask(
        request,
        asking.filled(request, ReasonForm, signs=(step, row)),
        Page(f"{label}: {row.name}", words, label, back, row.ref, "policy-list", danger),
        step=lambda data: step(row, reason=data["reason"], by=request.user, now=timezone.now()),
        message=message.format(row.ref),
    )


def _find(request: MemberRequest, pk: UUID) -> Policy:
    return visible(Policy.objects.select_related("unit", "moved_by"), request.user, pk=pk)
