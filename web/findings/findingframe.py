"""What the pages of one finding show: the finding with its plan, claims, acceptances and occurrences."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts import access
from accounts.access import Capability
from accounts.models import User
from accounts.steps import Step
from catalogue.models import Option
from findings import register, remediation
from findings.events import asker_and_owner
from findings.models import Finding, FixClaim, Milestone, Occurrence, RiskAcceptance
from findings.observed import sightings
from web.alerts import escalations
from web.findings import finding_statements
from web.findings.finding_buttons import offers
from web.page_parts import history, lists
from web.page_parts.asking import Page

NAMED = 5


@dataclass(frozen=True, slots=True)
class DatedMilestone:
    """A milestone, its look (open, done or late), and whether the person may record now that it is done."""

    milestone: Milestone
    state: str
    may_be_done: bool


def find(request: HttpRequest, pk: UUID) -> Finding:
    """Return the finding with what its pages name, or raise Http404 for one that the person may not see."""
    rows = Finding.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("unit", "server", "vendor", "owner", "assessment"), pk=pk)


def find_to(request: HttpRequest, pk: UUID, step: Step[Any, Any]) -> Finding:
    """Return the finding for somebody whose roles let them take the step in its unit; raise NotPermitted for others."""
    finding = find(request, pk)
    step.rule.require(finding, request.user, unit_id=finding.unit_id)
    return finding


def page_of(finding: Finding, heading: str, consequence: str, label: str, *, danger: bool = False) -> Page:
    """Return a page that asks before a step and leads back to the finding."""
    back = reverse("web:finding-detail", args=[finding.pk])
    return Page(f"{heading}: {finding}", consequence, label, back, finding.ref, "finding-list", danger)


def page(user: User, finding: Finding, *, today: date) -> dict[str, Any]:
    """Return everything that the page of a finding shows."""
    claims = list(finding.fix_claims.select_related("claimed_by", "verified_by", "evidence"))
    asked = list(finding.acceptances.select_related("requested_by", "decided_by", "revoked_by"))
    waiting = next((claim for claim in claims if not claim.verdict), None)
    pending = next((one for one in asked if one.status == RiskAcceptance.Status.REQUESTED), None)
    steps = offers(finding, user, claim=waiting, is_asked=pending is not None)
    mine = [step for step in steps if not step.who]
    return {
        "finding": finding,
        "subject": finding.subject,
        "is_settled": finding.status not in (Finding.Status.PROPOSED, *Finding.BEING_FIXED),
        "age": finding.age_in_days(today=today),
        "main": next((step for step in mine if step.is_main), None),
        "more": [step for step in mine if not step.is_main],
        "others": [step for step in steps if step.who],
        "claim": waiting,
        "verifiers": _deciders(finding, {waiting.claimed_by_id}) if waiting else "",
        "pending": pending,
        "deciders": _deciders(finding, asker_and_owner(finding)) if pending else "",
        "claims": _claims(finding, claims),
        "acceptances": [(one, one.state(today=today)) for one in asked],
        "escalations": escalations.about(user, finding.pk),
        **_observed(finding, user),
        **finding_statements.of(finding, user, today=today),
        **history.shown(user, finding),
        **_plans(finding, user, today=today),
    }


def _observed(finding: Finding, user: User) -> dict[str, Any]:
    """Return when it was observed, and in which assessment it was raised, as the person may read it."""
    prefetch_related_objects([finding], Prefetch("occurrences", Occurrence.objects.select_related("assessment")))
    return {"sightings": sightings.of(finding, user), "raised_in": sightings.raised_in(finding, user)}


def answers_of(finding: Finding, keys: Iterable[str]) -> dict[str, str]:
    """Return the text of each answer to the source question, as its newest question set words it."""
    rows = Option.objects.filter(question__key=finding.question_key, key__in=[key for key in keys if key])
    return dict(rows.order_by("question__question_set__version").values_list("key", "text"))


def _claims(finding: Finding, claims: list[FixClaim]) -> list[tuple[FixClaim, str]]:
    texts = answers_of(finding, {claim.new_option_key for claim in claims})
    return [(claim, texts.get(claim.new_option_key, "")) for claim in claims]


def _plans(finding: Finding, user: User, *, today: date) -> dict[str, Any]:
    plans = list(finding.plans.select_related("planned_by").prefetch_related("milestones__done_by"))
    plan = next((plan for plan in plans if plan.is_current), None)
    return {
        "plan": plan,
        "former_plans": [one for one in plans if not one.is_current],
        "milestones": [_dated(one, user, today=today) for one in plan.milestones.all()] if plan else [],
    }


def _dated(milestone: Milestone, user: User, *, today: date) -> DatedMilestone:
    is_open = milestone.done_at is None
    may_be_done = is_open and remediation.complete_milestone.offer(milestone, user).may
    return DatedMilestone(milestone, milestone.state(today=today), may_be_done)


def _deciders(finding: Finding, barred: Collection[UUID]) -> str:
    """Return the first few names of those who may decide about the finding and are not barred from it."""
    approvers = access.people_who_can(Capability.DECIDE, unit_id=finding.unit_id).exclude(pk__in=barred)
    return lists.named([str(one) for one in approvers if not register.counts_elsewhere(finding, one)], most=NAMED)
