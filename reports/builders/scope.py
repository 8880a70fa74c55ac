"""What a report on an assessment covers: servers and questions by number, deployments, what was not asked."""

from dataclasses import dataclass
from typing import Any

from assessments import snapshots
from assessments.models import Assessment
from catalogue import applicability
from catalogue.models import Question
from reports.builders import exposure
from reports.builders.entries import day
from reports.builders.exposure import FactEntry
from vendors.models import Deployment, Server


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
    """A deployment with the facts behind its inherent tier, from which it can be worked out again."""

    ref: str
    name: str
    environment: str
    agent: str
    tier: int
    at_best: int
    reason: str
    ended_on: str
    facts: tuple[FactEntry, ...]


def population(assessment: Assessment, snapshot: dict[str, Any]) -> Population:
    """Return how many servers and questions there are, and how far they are assessed and answered."""
    servers = Server.objects.filter(unit=assessment.unit).exclude(status__in=Server.OUT_OF_USE)
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


def deployments(server: Server) -> tuple[DeploymentEntry, ...]:
    """Return all deployments of the server, ended ones too, by number."""
    return tuple(
        DeploymentEntry(
            ref=row.ref,
            name=row.name,
            environment=row.get_environment_display(),
            agent=row.agent,
            tier=row.inherent_tier,
            at_best=row.tier_at_best,
            reason=row.tier_reason,
            ended_on=day(row.ended_on),
            facts=exposure.facts(row),
        )
        for row in Deployment.objects.filter(server=server).order_by("number")
    )


def not_asked(assessment: Assessment, snapshot: dict[str, Any]) -> tuple[NotAsked, ...]:
    """Return the questions that were left out, with what decides so."""
    rows = Question.objects.filter(question_set=assessment.question_set_id, key__in=snapshot["not_asked"])
    depth = snapshots.depth_of(snapshot)
    return tuple(NotAsked(row.key, row.text, _why_not(row, depth)) for row in rows.order_by("position"))


def _why_not(question: Question, depth: int | None) -> str:
    if depth is not None and question.depth > depth:
        return f"Asked from depth {question.depth} on; this assessment asked to depth {depth}."
    return f"Asked only if {applicability.in_words(question.applies_when)}."
