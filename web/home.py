"""Home: what waits for the person who signed in, and the way to begin in an empty register."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access, belonging
from accounts.access import Capability
from accounts.models import Role, Unit, User
from assessments import scored_lines
from assessments.models import Answer, Assessment
from findings.models import Finding, RiskAcceptance
from scoring.scales import Severity
from vendors.models import Server, Vendor
from web.access import MemberRequest, member
from web.object_pages import url_of
from work import waiting

SHOWN = 6


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits: what, where, a hint, and by when."""

    title: str
    url: str
    hint: str = ""
    due_on: date | None = None
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """Things of one kind that wait; `total` counts all of them, `items` are the first."""

    title: str
    icon: str
    items: Sequence[Item]
    total: int
    all_url: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way to a working register."""

    title: str
    hint: str
    url: str
    is_done: bool


@require_safe
@member
def home(request: MemberRequest) -> HttpResponse:
    """Show what waits for the person."""
    queues = [queue for queue in _queues(request.user, today=timezone.localdate()) if queue.total]
    steps = [] if queues else _steps(request.user)
    shown = {"queues": queues, "steps": [] if all(step.is_done for step in steps) else steps, "section": "home"}
    return render(request, "home/home.html", shown)


def _queues(user: User, *, today: date) -> list[Queue]:
    """Return the queues, what others wait for first."""
    own = [_to_answer(user), _to_fix(user), _to_review(user, today=today)]
    if access.of(user).can(Capability.MANAGE):
        own += [_reviews_late(user, today=today), _findings_late(user, today=today)]
    if not access.of(user).can(Capability.DECIDE):
        return own
    return [_to_decide(user), _to_verify(user), _to_accept(user), _to_override(user), *own]


def _queue(title: str, icon: str, rows: QuerySet[Any], item: Callable[[Any], Item], *, all_url: str = "") -> Queue:
    """Return a queue; its rows are counted only when there are more than it shows."""
    found = list(rows[: SHOWN + 1])
    total = rows.count() if len(found) > SHOWN else len(found)
    return Queue(title, icon, [item(row) for row in found[:SHOWN]], total, all_url)


def _to_answer(user: User) -> Queue:
    drafts = waiting.assessments_to_answer(user)
    places = _places_to_resume(list(drafts[:SHOWN]))

    def item(assessment: Assessment) -> Item:
        url, hint = places[assessment.pk]
        if assessment.return_reason and assessment.returned_by:
            hint = f"Returned by {assessment.returned_by}: {assessment.return_reason}"
        return Item(str(assessment), url, hint, assessment.due_on)

    return _queue(
        "Assessments to answer",
        "clipboard-check",
        drafts,
        item,
        all_url=_list("assessment", assignee="me", status="draft"),
    )


def _places_to_resume(drafts: list[Assessment]) -> dict[Any, tuple[str, str]]:
    """Return for each draft where to go on, the first question that applies and has no answer, and a hint."""
    rows = Answer.objects.filter(assessment__in=drafts).select_related("question").order_by("question__position")
    asked: dict[Any, list[Answer]] = {draft.pk: [] for draft in drafts}
    facts = {draft.pk: draft.facts for draft in drafts}
    for answer in rows:
        if scored_lines.applies(answer, facts[answer.assessment_id]):
            asked[answer.assessment_id].append(answer)
    return {pk: _place(pk, answers) for pk, answers in asked.items()}


def _place(pk: Any, answers: list[Answer]) -> tuple[str, str]:
    missing = [answer for answer in answers if not answer.choice]
    if not missing:
        return reverse("web:assessment-detail", args=[pk]), "Every question is answered: check the answers and submit."
    question = missing[0].question
    page = reverse("web:assessment-dimension", args=[pk, question.dimension])
    hint = f"{len(answers) - len(missing)} of {len(answers)} answered. Go on with: {question.text}"
    return f"{page}#{question.key}", hint


def _to_fix(user: User) -> Queue:
    return _queue(
        "Findings you own",
        "flag",
        waiting.findings_to_fix(user),
        lambda row: Item(str(row), url_of(row), str(row.subject), row.due_on, _severity(row)),
        all_url=_list("finding", owner="me"),
    )


def _to_review(user: User, *, today: date) -> Queue:
    return _queue(
        "Reviews to do",
        "calendar-check",
        waiting.reviews_to_do(user, today=today),
        lambda row: Item(f"{row.ref} {row.server.title}", url_of(row), row.trigger_reason, row.due_on),
        all_url=_list("review", assignee="me"),
    )


def _reviews_late(user: User, *, today: date) -> Queue:
    return _queue(
        "Overdue reviews of others",
        "calendar-check",
        waiting.reviews_overdue(user, today=today),
        lambda row: Item(
            f"{row.ref} {row.server.title}", url_of(row), f"{row.assignee or 'Nobody'} does it", row.due_on
        ),
        all_url=_list("review", state="overdue", unit=belonging.MINE),
    )


def _findings_late(user: User, *, today: date) -> Queue:
    return _queue(
        "Overdue findings of others",
        "flag",
        waiting.findings_overdue(user, today=today),
        lambda row: Item(str(row), url_of(row), f"{row.owner or 'Nobody'} owns it", row.due_on, _severity(row)),
        all_url=_list("finding", status="fixing", is_overdue="true", unit=belonging.MINE),
    )


def _to_decide(user: User) -> Queue:
    return _queue(
        "Assessments to decide",
        "clipboard-check",
        waiting.assessments_to_decide(user),
        lambda row: Item(str(row), _review(row), _stage(row), row.due_on),
        all_url=_list("assessment", status="submitted"),
    )


def _stage(assessment: Assessment) -> str:
    if assessment.status == Assessment.Status.FINAL:
        return "It is final, and its findings are open. The decision is still to be made."
    return f"Submitted by {assessment.submitted_by}"


def _review(assessment: Assessment) -> str:
    if assessment.status == Assessment.Status.FINAL:
        return url_of(assessment)
    return reverse("web:assessment-review", args=[assessment.pk])


def _to_verify(user: User) -> Queue:
    return _queue(
        "Fixes to verify",
        "check-lg",
        waiting.fixes_to_verify(user),
        lambda row: Item(str(row), url_of(row), str(row.subject), row.due_on, _severity(row)),
    )


def _to_accept(user: User) -> Queue:
    def item(row: RiskAcceptance) -> Item:
        url = reverse("web:acceptance-detail", args=[row.pk])
        return Item(f"{row.ref} {row.finding or row.server}", url, f"Asked for by {row.requested_by}: {row.reason}")

    return _queue("Risks to accept or refuse", "flag", waiting.acceptances_to_decide(user), item)


def _to_override(user: User) -> Queue:
    return _queue(
        "Residual risk by hand to decide on",
        "bar-chart",
        waiting.overrides_to_decide(user),
        lambda row: Item(str(row), url_of(row.server), f"Asked for by {row.requested_by}: {row.reason}"),
    )


def _severity(finding: Finding) -> str:
    return Severity(finding.severity).word


def _list(noun: str, **filters: str) -> str:
    return f"{reverse(f'web:{noun}-list')}?{urlencode(filters)}"


def _steps(user: User) -> list[Step]:
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
                User.objects.filter(memberships__role=Role.ANALYST).exists()
                and User.objects.filter(memberships__role=Role.APPROVER).exists(),
            ),
        ]
    servers = Server.objects.visible_to(user)
    assessed = Assessment.objects.visible_to(user)
    writes = seen.can(Capability.WRITE)
    return [
        *steps,
        Step(
            "Register a vendor",
            "The organisation that publishes or hosts an MCP server.",
            reverse("web:vendor-register") if writes else "",
            _any(Vendor),
        ),
        Step(
            "Register its server",
            "Paste its server.json, or enter it by hand.",
            reverse("web:server-register") if writes else "",
            servers.exists(),
        ),
        Step(
            "Start the assessment",
            "From the page of the server: five dimensions, saved as you go.",
            reverse("web:server-list") if writes else "",
            assessed.exists(),
        ),
        Step(
            "Have a second person decide",
            "They approve, approve with conditions, or reject.",
            "",
            assessed.filter(status=Assessment.Status.FINAL).exists(),
        ),
    ]


def _any(model: type[Model]) -> bool:
    return model._default_manager.exists()
