"""What the report on one assessment prints."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from assessments import applicability, lines, rating, ratings, snapshots
from assessments.models import (
    Approval,
    Assessment,
    Control,
    Finding,
    Overlay,
    Question,
    RatingOverride,
    RatingRecord,
    RiskAcceptance,
)
from audit.models import Event
from reports.builders import entries
from reports.builders.entries import AcceptanceEntry, FindingEntry, Head, History, day, moment, name
from reports.models import Report
from vendors.models import Deployment, Server

FORMAT = "mcp-risk-register/assessment-report/1"
EVENTS = 100
RATINGS = 40


@dataclass(frozen=True, slots=True)
class NotAsked:
    """A question that was not asked, and the fact about the server that decides so."""

    question: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Population:
    """How many there are of what the report is about, so that nothing is left out in silence."""

    servers: int
    servers_assessed: int
    questions: int
    asked: int
    answered: int
    not_applicable: int
    dont_know: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class DeploymentEntry:
    """A deployment with the facts behind its inherent tier."""

    ref: str
    name: str
    environment: str
    agent: str
    tier: int
    reason: str
    ended_on: str


@dataclass(frozen=True, slots=True)
class ConditionEntry:
    """A dated condition of an approval."""

    text: str
    due_on: str
    met_at: str
    met_by: str
    met_note: str
    finding: str


@dataclass(frozen=True, slots=True)
class DecisionEntry:
    """A decision on the assessment."""

    ref: str
    decision: str
    status: str
    reason: str
    residual: str
    valid_until: str
    decided_by: str
    decided_at: str
    withdrawn_by: str
    withdrawn_reason: str
    conditions: tuple[ConditionEntry, ...]


@dataclass(frozen=True, slots=True)
class OverlayEntry:
    """What was laid over a frozen answer."""

    question: str
    kind: str
    option: str
    evidence: str
    finding: str
    reason: str
    author: str
    at: str


@dataclass(frozen=True, slots=True)
class OverrideEntry:
    """A residual risk set by hand."""

    residual: str
    computed: str
    reason: str
    status: str
    expires_on: str
    requested_by: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class RatingChange:
    """One change of the server's rating."""

    at: str
    reason: str
    score: str
    band: str
    residual: str


@dataclass(frozen=True, slots=True)
class ControlEntry:
    """A control and the questions that bear on it."""

    framework: str
    revision: str
    ref: str
    title: str
    status: str
    note: str
    superseded_by: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AssessmentReport:
    """Everything that the report prints; `snapshot` is the frozen record word for word.

    `numbers` gives each question the place in its set by which the report calls it: Q1, Q2 …
    """

    format: str
    head: Head
    status: str
    server: dict[str, str]
    population: Population
    deployments: tuple[DeploymentEntry, ...]
    snapshot: dict[str, Any]
    snapshot_digest: str
    methodology: dict[str, Any]
    numbers: dict[str, int]
    not_asked: tuple[NotAsked, ...]
    rating: dict[str, Any]
    rests_on: str
    overrides: tuple[OverrideEntry, ...]
    decisions: tuple[DecisionEntry, ...]
    overlays: tuple[OverlayEntry, ...]
    findings: tuple[FindingEntry, ...]
    acceptances: tuple[AcceptanceEntry, ...]
    controls: tuple[ControlEntry, ...]
    rating_history: tuple[RatingChange, ...]
    history: History


def build(report: Report, *, now: datetime) -> AssessmentReport:
    """Return what the report on `report.assessment` prints at `now`."""
    rows = Assessment.objects.select_related("server__owner", "snapshot", "unit", "vendor")
    assessment = rows.get(reports=report)
    server, snapshot = assessment.server, snapshots.read(assessment.snapshot)
    about = Finding.objects.filter(Q(server=server) | Q(vendor__isnull=False, vendor=assessment.vendor_id))
    accepted = RiskAcceptance.objects.filter(Q(server=server) | Q(finding__in=about.order_by().values("pk")))
    newest = Assessment.objects.filter(server=server, status=Assessment.Status.FINAL).order_by("-finalised_at").first()
    return AssessmentReport(
        format=FORMAT,
        head=entries.head_of(report, now=now, is_example=server.is_demo),
        status=assessment.get_status_display(),
        server=_server(server),
        population=_population(assessment, snapshot),
        deployments=_deployments(server),
        snapshot=snapshot,
        snapshot_digest=assessment.snapshot.digest,
        methodology=json.loads(lines.methodology_of(assessment).text),
        numbers=dict(Question.objects.filter(question_set=assessment.question_set_id).values_list("key", "position")),
        not_asked=_not_asked(assessment, snapshot),
        rating=rating.write(ratings.current(server, now=now)),
        rests_on=newest.ref if newest else "",
        overrides=_overrides(server, now=now),
        decisions=_decisions(assessment),
        overlays=_overlays(assessment),
        findings=entries.findings(about, now=now),
        acceptances=entries.acceptances(accepted, now=now),
        controls=_controls(assessment),
        rating_history=_rating_history(server),
        history=_history(server, assessment),
    )


def _server(server: Server) -> dict[str, str]:
    return {
        "ref": server.ref,
        "name": server.name,
        "title": server.title,
        "purpose": server.purpose,
        "status": server.get_status_display(),
        "owner": name(server.owner),
        "repository": server.repository_url,
        "licence": server.licence,
    }


def _population(assessment: Assessment, snapshot: dict[str, Any]) -> Population:
    servers = Server.objects.filter(unit=assessment.unit).exclude(
        status__in=[Server.Status.RETIRED, Server.Status.REJECTED]
    )
    states = [row["state"] for row in snapshot["sheet"]["lines"]]
    return Population(
        servers=servers.count(),
        servers_assessed=servers.filter(assessments__status=Assessment.Status.FINAL).distinct().count(),
        questions=Question.objects.filter(question_set=assessment.question_set_id).count(),
        asked=len(states),
        answered=states.count("option"),
        not_applicable=states.count("not_applicable"),
        dont_know=states.count("dont_know"),
        unanswered=states.count("unanswered"),
    )


def _deployments(server: Server) -> tuple[DeploymentEntry, ...]:
    return tuple(
        DeploymentEntry(
            ref=row.ref,
            name=row.name,
            environment=row.get_environment_display(),
            agent=row.agent,
            tier=row.inherent_tier,
            reason=row.tier_reason,
            ended_on=day(row.ended_on),
        )
        for row in Deployment.objects.filter(server=server).order_by("number")
    )


def _not_asked(assessment: Assessment, snapshot: dict[str, Any]) -> tuple[NotAsked, ...]:
    rows = Question.objects.filter(question_set=assessment.question_set_id, key__in=snapshot["not_asked"])
    return tuple(
        NotAsked(row.key, row.text, f"Asked only if {in_words(row.applies_when)}.") for row in rows.order_by("position")
    )


def in_words(predicate: Any) -> str:
    """Return a condition of the question set as people say it, e.g. "the release offers a container image"."""
    if "fact" in predicate:
        words = applicability.FACTS[predicate["fact"]]
        return words if predicate["is"] else f"it is not so that {words}"
    ((word, members),) = predicate.items()
    return (" or " if word == "any_of" else " and ").join(in_words(member) for member in members)


def _overrides(server: Server, *, now: datetime) -> tuple[OverrideEntry, ...]:
    today = timezone.localdate(now)
    rows = RatingOverride.objects.filter(
        server=server, status=RatingOverride.Status.GRANTED, expires_on__gte=today
    ).select_related("requested_by", "decided_by")
    return tuple(
        OverrideEntry(
            residual=row.residual,
            computed=row.computed,
            reason=row.reason,
            status=row.get_status_display(),
            expires_on=day(row.expires_on),
            requested_by=name(row.requested_by),
            decided_by=name(row.decided_by),
        )
        for row in rows
    )


def _decisions(assessment: Assessment) -> tuple[DecisionEntry, ...]:
    rows = Approval.objects.filter(assessment=assessment).select_related("decided_by", "withdrawn_by")
    return tuple(
        DecisionEntry(
            ref=row.ref,
            decision=row.get_decision_display(),
            status=row.get_status_display(),
            reason=row.reason,
            residual=row.residual,
            valid_until=day(row.valid_until),
            decided_by=name(row.decided_by),
            decided_at=moment(row.decided_at),
            withdrawn_by=name(row.withdrawn_by),
            withdrawn_reason=row.withdrawn_reason,
            conditions=tuple(_conditions(row)),
        )
        for row in rows.prefetch_related("conditions__met_by", "conditions__finding").order_by("decided_at")
    )


def _conditions(approval: Approval) -> Iterable[ConditionEntry]:
    for row in approval.conditions.all():
        yield ConditionEntry(
            text=row.text,
            due_on=day(row.due_on),
            met_at=moment(row.met_at),
            met_by=name(row.met_by),
            met_note=row.met_note,
            finding=row.finding.ref if row.finding else "",
        )


def _overlays(assessment: Assessment) -> tuple[OverlayEntry, ...]:
    rows = Overlay.objects.filter(assessment=assessment).select_related("option", "evidence", "finding", "author")
    return tuple(
        OverlayEntry(
            question=row.question_key,
            kind=row.get_kind_display(),
            option=row.option.text if row.option else "",
            evidence=str(row.evidence) if row.evidence else "",
            finding=row.finding.ref if row.finding else "",
            reason=row.reason,
            author=name(row.author) or "The register",
            at=moment(row.at),
        )
        for row in rows
    )


def _controls(assessment: Assessment) -> tuple[ControlEntry, ...]:
    """Return the controls of the current frameworks that a question bears on, and those withdrawn into such ones."""
    questions = Question.objects.filter(question_set=assessment.question_set_id).order_by("position")
    bearing: dict[int, list[str]] = {}
    for key, control in questions.values_list("key", "controls"):
        bearing.setdefault(control, []).append(key)
    rows = Control.objects.filter(framework__status="current").select_related("framework")
    return tuple(
        ControlEntry(
            framework=row.framework.title,
            revision=row.framework.revision,
            ref=row.ref,
            title=row.title,
            status=row.get_status_display(),
            note=row.note,
            superseded_by=row.superseded_by,
            questions=tuple(bearing.get(row.pk, ())),
        )
        for row in rows.order_by("framework__title", "status", "ref")
    )


def _rating_history(server: Server) -> tuple[RatingChange, ...]:
    rows = list(RatingRecord.objects.filter(server=server).order_by("-at", "-id")[:RATINGS])[::-1]
    return tuple(RatingChange(moment(row.at), row.reason, row.score, row.band, row.residual) for row in rows)


def _history(server: Server, assessment: Assessment) -> History:
    rows = Event.objects.filter(Q(object_id__in=[server.pk, assessment.pk]) | Q(concerns_id=server.pk))
    return entries.history(rows, about=f"everything recorded about {server.ref} {server.title}", newest=EVENTS)
