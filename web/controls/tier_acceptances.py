"""Acceptances of lower governance tiers: the list, asking for one, another person's decision, ending one early."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from controls.models import TierAcceptance
from controls.tier_lists import TIER_ACCEPTANCES
from controls.tiers import acceptances, measuring
from vendors.models import Deployment
from web.forms.controls.tiers import LowerTierDecisionForm, LowerTierForm
from web.forms.reasons import ReasonForm
from web.page_parts import asking, history, listing
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks

_SECTION = "framework-list"
_NEAR = ("unit", "server__unit", "deployment", "requested_by", "decided_by", "revoked_by")


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the acceptances that the person may see; `?format=csv` downloads exactly this view."""
    return listing.shown(request, TIER_ACCEPTANCES, template="tiers/acceptances.html", page={"section": _SECTION})


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show an acceptance: which tier instead of which, why, until when, and who decided."""
    row = _find(request, pk)
    today = timezone.localdate()
    page = {
        "row": row,
        "state": row.state(today=today),
        "can_decide": acceptances.refuse.offer(row, request.user).may,
        "can_revoke": acceptances.revoke.offer(row, request.user).may,
        **history.shown(request.user, row),
        "section": _SECTION,
    }
    return render(request, "tiers/acceptance.html", page)


@asks
@member_who_may(acceptances.request)
def ask_for(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Ask to run a deployment at a lower tier than the one proposed."""
    row = visible(Deployment.objects.select_related("server__unit"), request.user, pk=pk)
    acceptances.request.require(row, request.user)
    proposal = measuring.proposal_for(row)
    begin = {"tier": row.governance_tier, "revision": row.governance_revision or None}
    words = (
        f"Tier {proposal.tier} is proposed: {proposal.words} Another person, an approver who owns neither the "
        "deployment nor its server, decides."
    )
    back = reverse("web:tier-gap-detail", args=[pk])
    return asking.ask(
        request,
        asking.filled(request, LowerTierForm, initial={name: value for name, value in begin.items() if value}),
        Page(f"Ask for a lower tier: {row.name}", words, "Ask for it", back, row.ref, _SECTION),
        step=lambda data: acceptances.request(row, **data, by=request.user, now=timezone.now()),
        message="Sent to the approvers to be decided.",
    )


@asks
@member_who_may(acceptances.grant, acceptances.refuse)
def decide(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Grant or refuse a lower tier that somebody else asked for."""
    row = _find(request, pk)
    acceptances.grant.require(row, request.user)
    words = (
        f"{row.requested_by} asks to run {row.deployment} at tier {row.tier} of the {row.get_revision_display()} until "
        f"{row.expires_on:%-d %b %Y}. Tier {row.proposed} was proposed: {row.proposal_reason} The reason given: "
        f"{row.reason}"
    )

    def step(data: Mapping[str, Any]) -> TierAcceptance:
        answer = acceptances.grant if data["decision"] == "grant" else acceptances.refuse
        return answer(row, note=data["note"], by=request.user, now=timezone.now())

    form = asking.filled(
        request, LowerTierDecisionForm, signs=(acceptances.grant, row), grant=acceptances.grant.offer(row, request.user)
    )
    return asking.ask(request, form, _page_of(row, "Decide", words, "Decide"), step=step, message="Decided.")


@asks
@member_who_may(acceptances.revoke)
def revoke(request: MemberRequest, pk: UUID) -> HttpResponse:
    """End an acceptance before its day."""
    row = _find(request, pk)
    acceptances.revoke.require(row, request.user)
    return asking.ask(
        request,
        asking.filled(request, ReasonForm, signs=(acceptances.revoke, row)),
        _page_of(row, "Take back", "The finding that it runs below the tier proposed is back at once.", "Take it back"),
        step=lambda data: acceptances.revoke(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is taken back.",
    )


def _find(request: MemberRequest, pk: UUID) -> TierAcceptance:
    return visible(TierAcceptance.objects.select_related(*_NEAR), request.user, pk=pk)


def _page_of(row: TierAcceptance, heading: str, words: str, label: str) -> Page:
    back = reverse("web:tier-acceptance-detail", args=[row.pk])
    return Page(f"{heading}: {row}", words, label, back, row.ref, _SECTION)
