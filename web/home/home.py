"""Home: what waits for the person who signed in, and the way to begin in an empty register."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.access import Capability
from accounts.models import Unit, User
from assessments import lifecycle
from assessments.answers import scored_lines
from assessments.models import Answer, Assessment
from composition.models import Suppression
from controls.tiers import measuring
from decisions.approvals import approval_needs, preview
from findings.models import RiskAcceptance
from riskregister import plurals
from vendors.models import Deployment, Server, Vendor
from vendors.registering import registration, relations
from web.home import home_overview
from web.home.home_queues import SHOWN, Item, Queue, list_of, of_rows, severity_of
from web.page_parts.access import MemberRequest, anybody
from web.page_parts.object_pages import url_of
from work.in_hand import waiting


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way to a working register."""

    title: str
    hint: str
    url: str
    is_done: bool


@require_safe
@anybody
def home(request: MemberRequest) -> HttpResponse:
    """Show what waits for the person; of somebody without a role these are the servers that they asked for."""
    seen = access.of(request.user)
    found = _queues(request.user, today=timezone.localdate()) if seen.is_member else [_own_requests(request.user)]
    queues = [queue for queue in found if queue.total]
    shown = {
        "queues": queues,
        "steps": _steps_to_go(request.user, waits=bool(queues)) if seen.is_member else [],
        "may_write": registration.register_server.may_somewhere(request.user),
        "section": "home",
    }
    return render(request, "home/home.html", shown)


def _queues(user: User, *, today: date) -> list[Queue]:
    """Return the queues, what others wait for first."""
    own = [_to_answer(user), _to_fix(user), _to_review(user, today=today), _to_triage(user), _own_requests(user)]
    if access.of(user).can(Capability.WRITE):
        own += [_to_suppress(user, today=today), _unapproved(user, today=today), _without_tier(user)]
    others = home_overview.queues(user, today=today)
    if not access.of(user).can(Capability.DECIDE):
        return [*others.pressing, *own, *others.rest]
    decided = [_to_decide(user), _to_verify(user), _to_accept(user), _to_override(user), _lower_tiers(user)]
    return [*others.pressing, *decided, *own, *others.rest]


def _to_answer(user: User) -> Queue:
    drafts = waiting.assessments_to_answer(user)
    places = _places_to_resume(list(drafts[:SHOWN]))

    def item(assessment: Assessment) -> Item:
        url, hint = places[assessment.pk]
        if assessment.return_reason and assessment.returned_by:
            hint = f"Returned by {assessment.returned_by}: {assessment.return_reason}"
        return Item(str(assessment), url, hint, assessment.due_on)

    return of_rows(
        "Assessments to answer",
        "clipboard-check",
        drafts,
        item,
        all_url=list_of("assessment", assignee="me", status="draft"),
    )


def _places_to_resume(drafts: list[Assessment]) -> dict[Any, tuple[str, str]]:
    """Return for each draft where to go on, the first question that applies and has no answer, and a hint."""
    rows = Answer.objects.asked().filter(assessment__in=drafts).select_related("question", "deployment")
    asked: dict[Any, list[Answer]] = {draft.pk: [] for draft in drafts}
    by_key = {draft.pk: draft for draft in drafts}
    for answer in rows.order_by("question__position", "deployment__number"):
        if scored_lines.applies(answer, by_key[answer.assessment_id]):
            asked[answer.assessment_id].append(answer)
    return {pk: _place(pk, answers) for pk, answers in asked.items()}


def _place(pk: Any, answers: list[Answer]) -> tuple[str, str]:
    missing = [answer for answer in answers if not answer.choice]
    if not missing:
        return reverse("web:assessment-detail", args=[pk]), "Every question is answered: check the answers and submit."
    question = missing[0].question
    page = reverse("web:assessment-dimension", args=[pk, question.dimension])
    hint = f"{len(answers) - len(missing)} of {len(answers)} answered. Go on with: {question.text}"
    return f"{page}#{missing[0].key}", hint


def _to_fix(user: User) -> Queue:
    return of_rows(
        "Findings you own",
        "flag",
        waiting.findings_to_fix(user),
        lambda row: Item(str(row), url_of(row), str(row.subject), row.due_on, severity_of(row)),
        all_url=list_of("finding", owner="me"),
    )


def _to_review(user: User, *, today: date) -> Queue:
    return of_rows(
        "Reviews to do",
        "calendar-check",
        waiting.reviews_to_do(user, today=today),
        lambda row: Item(f"{row.ref} {row.server.title}", url_of(row), row.trigger_reason, row.due_on),
        all_url=list_of("review", assignee="me"),
    )


def _to_triage(user: User) -> Queue:
    return of_rows(
        "Servers that somebody asks for",
        "sticky",
        waiting.requests_to_triage(user),
        lambda row: Item(str(row), url_of(row), f"{row.asked_by}, for {row.agent}: {row.purpose}"),
        all_url=list_of("request", status="waiting"),
    )


def _own_requests(user: User) -> Queue:
    return of_rows(
        "Servers that you asked for",
        "sticky",
        waiting.own_requests(user),
        lambda row: Item(str(row), url_of(row), f"{row.get_status_display()} in {row.unit}"),
        all_url=list_of("request", status="waiting", asked_by="me"),
    )


def _unapproved(user: User, *, today: date) -> Queue:
    def item(row: Any) -> Item:
        return Item(str(row), url_of(row), f"{row.unit}, on {plurals.counted(row.machines, 'machine')}")

    return of_rows(
        "In use, and approved by nobody",
        "eye",
        waiting.uses_to_triage(user, today=today),
        item,
        all_url=list_of("unapproved-use", waits="true"),
    )


def _without_tier(user: User) -> Queue:
    def item(row: Deployment) -> Item:
        proposal = measuring.proposal_for(row)
        hint = f"{row.server.title}. Tier {proposal.tier} is proposed: {proposal.reason}"
        return Item(str(row), reverse("web:tier-gap-detail", args=[row.pk]), hint)

    return of_rows(
        "Deployments without a governance tier",
        "shield-check",
        waiting.tiers_to_set(user),
        item,
        all_url=list_of("tier-gap", is_set="false"),
    )


def _to_decide(user: User) -> Queue:
    rows = waiting.assessments_to_decide(user)
    first = list(rows.prefetch_related("server__deployments")[:SHOWN])
    missing = preview.missing_of_each(first, now=timezone.now())

    def item(row: Assessment) -> Item:
        hint = " ".join(filter(None, (_stage(row), approval_needs.in_words(missing.get(row.pk, ())))))
        return Item(str(row), _review(row), hint, row.due_on)

    return of_rows(
        "Assessments to decide", "clipboard-check", rows, item, all_url=list_of("assessment", status="submitted")
    )


def _stage(assessment: Assessment) -> str:
    if assessment.status == Assessment.Status.FINAL:
        return "It is final, and its findings are open. The decision is still to be made."
    return f"Submitted by {assessment.submitted_by}."


def _review(assessment: Assessment) -> str:
    if assessment.status == Assessment.Status.FINAL:
        return url_of(assessment)
    return reverse("web:assessment-review", args=[assessment.pk])


def _to_verify(user: User) -> Queue:
    return of_rows(
        "Fixes to verify",
        "check-lg",
        waiting.fixes_to_verify(user),
        lambda row: Item(str(row), url_of(row), str(row.subject), row.due_on, severity_of(row)),
    )


def _to_accept(user: User) -> Queue:
    def item(row: RiskAcceptance) -> Item:
        url = reverse("web:acceptance-detail", args=[row.pk])
        return Item(f"{row.ref} {row.finding or row.server}", url, f"Asked for by {row.requested_by}: {row.reason}")

    return of_rows("Risks to accept or refuse", "flag", waiting.acceptances_to_decide(user), item)


def _to_override(user: User) -> Queue:
    return of_rows(
        "Residual risk by hand to decide on",
        "bar-chart",
        waiting.overrides_to_decide(user),
        lambda row: Item(str(row), url_of(row.server), f"Asked for by {row.requested_by}: {row.reason}"),
    )


def _lower_tiers(user: User) -> Queue:
    return of_rows(
        "Lower governance tiers to accept or refuse",
        "shield-check",
        waiting.lower_tiers_to_decide(user),
        lambda row: Item(str(row), url_of(row), f"Asked for by {row.requested_by}: {row.reason}"),
    )


def _to_suppress(user: User, *, today: date) -> Queue:
    def item(row: Suppression) -> Item:
        finding: Any = row.finding  # What waits has one.
        statement = row.statement
        hint = f"{statement.ref}, of {statement.author}: {statement.why}"
        return Item(str(finding), url_of(finding), hint, finding.due_on, severity_of(finding))

    return of_rows(
        "Vulnerabilities that are said not to apply",
        "shield-check",
        waiting.suppressions_to_accept(user, today=today),
        item,
    )


def _steps_to_go(user: User, *, waits: bool) -> list[Step]:
    """Return the way to a first decision, also below what waits, until somebody decided; nothing once it is gone."""
    decided = Assessment.objects.visible_to(user).filter(status=Assessment.Status.FINAL).exists()
    if waits and decided:
        return []
    steps = _steps(user, decided=decided)
    return [] if all(step.is_done for step in steps) else steps


def _steps(user: User, *, decided: bool) -> list[Step]:
    """Return the way to a first decision, as far as the person may go it."""
    seen = access.of(user)
    steps = []
    if seen.can(Capability.ADMINISTER):
        steps += [
            Step("Open a business unit", "Servers and findings belong to one.", reverse("web:units"), _any(Unit)),
            Step(
                "Invite an analyst and an approver",
                "Two people: whoever answers an assessment cannot decide on it.",
                reverse("web:person-invite"),
                all(access.people_with([role], unit_id=None).exists() for role in home_overview.ROLES_WANTED),
            ),
        ]
    servers = Server.objects.visible_to(user)
    assessed = Assessment.objects.visible_to(user)
    return [
        *steps,
        Step(
            "Register a vendor",
            "The organisation that publishes or hosts an MCP server.",
            reverse("web:vendor-register") if relations.register_vendor.may_somewhere(user) else "",
            _any(Vendor),
        ),
        Step(
            "Register its server",
            "Paste its server.json, or enter it by hand.",
            reverse("web:server-register") if registration.register_server.may_somewhere(user) else "",
            servers.exists(),
        ),
        Step(
            "Start the assessment",
            "From the page of the server: five dimensions, saved as you go.",
            reverse("web:server-list") if lifecycle.start.may_somewhere(user) else "",
            assessed.exists(),
        ),
        Step(
            "Have a second person decide",
            "They approve, approve with conditions, or reject.",
            "",
            decided,
        ),
    ]


def _any(model: type[Model]) -> bool:
    return model._default_manager.exists()
