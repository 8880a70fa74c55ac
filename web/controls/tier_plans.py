"""Tier plans: the list, one with its milestones, and the pages that make and change one."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from controls.models import TierPlan
from controls.tier_lists import TIER_PLANS
from controls.tiers import measuring, plans, progress
from vendors.models import Deployment
from web.forms.controls.tiers import MilestoneForm, TierPlanEditForm, TierPlanForm
from web.forms.reasons import ReasonForm
from web.page_parts import asking, buttons, history, listing
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button
from web.servers.serverframe import find as find_server
from web.servers.serverframe import page_of as page_of_server

BUTTONS = (
    Button(plans.reschedule, "reschedule", "Move a milestone", is_main=True),
    Button(plans.change, "change", "Change the plan"),
    Button(plans.drop, "drop", "Give it up", is_danger=True),
)
_SECTION = "framework-list"
_APPROVED = Deployment.GovernanceRevision.APPROVED.value
_WORDS = (
    "Each control that is missing becomes a milestone. It is done once the control counts as in place, and the plan is "
    "finished when nothing is missing."
)


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the plans that the person may see; `?format=csv` downloads exactly this view."""
    return listing.shown(request, TIER_PLANS, template="tiers/plans.html", page={"section": _SECTION})


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a plan with its milestones, and how much of what the tier asks for is in place."""
    row = _find(request, pk)
    today = timezone.localdate()
    [standing] = progress.of_plans(TierPlan.objects.filter(pk=pk), today=today)
    milestones = [(one, one.is_overdue(today=today)) for one in row.milestones.select_related("control")]
    offers = list(buttons.offers(BUTTONS, row, request.user, of="tier-plan"))
    page = {
        "row": row,
        "standing": standing,
        "milestones": milestones,
        "unplanned": sorted(standing.missing - standing.planned),
        "offers": [offer for offer in offers if not offer.who],
        **history.shown(request.user, row),
        "section": _SECTION,
    }
    return render(request, "tiers/plan.html", page)


@asks
@member_who_may(plans.plan_for_deployment)
def plan_deployment(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Plan the way of a deployment to a higher tier."""
    row = visible(Deployment.objects.select_related("server__unit"), request.user, pk=pk)
    plans.plan_for_deployment.require(row, request.user)
    begin = {
        "to_tier": measuring.proposal_for(row).tier,
        "revision": row.governance_revision or _APPROVED,
    }
    page = Page(
        f"Plan the way up: {row.name}", _WORDS, "Make the plan", reverse("web:tier-gap-detail", args=[pk]), row.ref,
        _SECTION,
    )  # fmt: skip
    return asking.begin(
        request,
        asking.filled(request, TierPlanForm, unit_id=row.server.unit_id, initial=begin),
        page,
        step=lambda data: plans.plan_for_deployment(row, **data, by=request.user, now=timezone.now()),
        message="The plan is made.",
        route="web:tier-plan-detail",
    )


@asks
@member_who_may(plans.plan_for_server)
def plan_server(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Plan the way of all deployments of a server to a higher tier."""
    server = find_server(request, pk)
    plans.plan_for_server.require(server, request.user)
    words = f"{_WORDS} It counts what is in place at all deployments of the server."
    page = page_of_server(server, f"Plan the way up: {server.title}", words, "Make the plan", to="server-deployments")
    return asking.begin(
        request,
        asking.filled(request, TierPlanForm, unit_id=server.unit_id, initial={"revision": _APPROVED}),
        page,
        step=lambda data: plans.plan_for_server(server, **data, by=request.user, now=timezone.now()),
        message="The plan is made.",
        route="web:tier-plan-detail",
    )


@asks
@member_who_may(plans.change)
def change(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Give a plan another owner or note."""
    row = _find(request, pk)
    plans.change.require(row, request.user)
    form = asking.filled(request, TierPlanEditForm, row=row)
    return asking.ask(
        request,
        form,
        _page_of(row, "Change the plan", "The owner is told when a milestone is due.", "Save"),
        step=lambda data: form.take(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is saved.",
    )


@asks
@member_who_may(plans.reschedule)
def reschedule(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Move a milestone to another day."""
    row = _find(request, pk)
    plans.reschedule.require(row, request.user)
    return asking.ask(
        request,
        asking.filled(request, MilestoneForm, plan=row),
        _page_of(row, "Move a milestone", "The former day stays in the history.", "Move it"),
        step=lambda data: plans.reschedule(row, **data, by=request.user, now=timezone.now()),
        message="The milestone is moved.",
    )


@asks
@member_who_may(plans.drop)
def drop(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Give a plan up."""
    row = _find(request, pk)
    plans.drop.require(row, request.user)
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        _page_of(row, "Give the plan up", "It stays on record. What is missing stays missing.", "Give it up"),
        step=lambda data: plans.drop(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is given up.",
    )


def _find(request: MemberRequest, pk: UUID) -> TierPlan:
    rows = TierPlan.objects.select_related("unit", "server__unit", "deployment", "owner", "made_by")
    return visible(rows, request.user, pk=pk)


def _page_of(row: TierPlan, heading: str, words: str, label: str) -> Page:
    back = reverse("web:tier-plan-detail", args=[row.pk])
    return Page(f"{heading}: {row.about}", words, label, back, row.ref, _SECTION)
