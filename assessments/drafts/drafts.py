"""What an assessment asks while it is open: it follows the facts of its server, its tier and its deployments, and one
of a vendor what the vendor supplies.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from assessments.answers import scored_lines
from assessments.facts import comparing, server_facts, vendor_facts
from assessments.models import Answer, Assessment
from catalogue.models import Question
from riskregister.transitions import change_if
from vendors.models import Deployment, Release, Server, Vendor

_OF_RELEASE = ("packages", "remotes", "tools", "offerings")


def follow(server: Server, *, reason: str, now: datetime) -> None:
    """Let the open assessment of a server ask what follows from what has changed about it. Part of that step."""
    waiting = Assessment.objects.filter(server=server, status__in=Assessment.WAITING)
    for assessment in waiting.select_related("release", "question_set"):
        take_in(assessment, now=now)


def follow_vendor(vendor: Vendor, *, reason: str, now: datetime) -> None:
    """Let the open assessment of a vendor ask what follows from what the vendor supplies by now."""
    waiting = Assessment.objects.of_vendors().filter(vendor=vendor, status__in=Assessment.WAITING)
    for assessment in waiting.select_related("vendor", "question_set"):
        take_in(assessment, now=now)


def take_in(assessment: Assessment, *, now: datetime) -> None:
    """Bring facts, depth and rows of answers up to date with the server. Answers that were given stay.

    Those for a deployment that has ended are put aside: they are kept and not asked.
    """
    scope = scope_of(assessment, now=now)
    if any(getattr(assessment, name) != value for name, value in scope.items()):
        change_if(assessment, {"status__in": Assessment.WAITING}, **scope)
    if assessment.question_set.each_deployment:
        _follow_deployments(assessment, now=now)


def scope_of(assessment: Assessment, *, now: datetime) -> dict[str, object]:
    """Return what decides which questions an assessment asks today, and what the register knows beside them."""
    if assessment.server_id is None and assessment.vendor is not None:
        # A set about vendors asks everything of all whom a question is about, and no look of ours answers it.
        return {"facts": vendor_facts.gather(assessment.vendor), "depth": 1, "known": {}}
    depths = scored_lines.methodology_of(assessment).depths
    release = _release_of(assessment)
    return {
        "facts": server_facts.gather(release.server, release),
        "depth": depths[release.server.inherent_tier],
        "known": comparing.compare(assessment, release, deployments_of(assessment), now=now),
    }


def contradicted_today(answer: Answer, key: str, *, now: datetime) -> str:
    """Return what the register knows today, in words, that contradicts this option of an answer's question, whatever
    was frozen; empty where nothing does, or the method compares nothing.
    """
    known = compared_today(answer.assessment, now=now).get(answer.key, {})
    place = known.get("contradicts", {}).get(key)
    return "" if place is None else str(known["says"][place])


def compared_today(assessment: Assessment, *, now: datetime) -> dict[str, Any]:
    """Return what the register knows today beside the answers, as `comparing.compare` does, whatever was frozen.

    That is nothing where the method compares nothing.
    """
    if assessment.server_id is None or not scored_lines.methodology_of(assessment).compares:
        return {}
    return comparing.compare(assessment, _release_of(assessment), deployments_of(assessment), now=now)


def targets(question: Question, deployments: Sequence[Deployment]) -> Sequence[Deployment | None]:
    """Return for what a question is answered, each on its own: once, or for each of the deployments there are."""
    is_for_each = question.subject == Question.Subject.DEPLOYMENT and question.question_set.each_deployment
    return deployments if is_for_each and deployments else [None]


def deployments_of(assessment: Assessment) -> list[Deployment]:
    """Return the deployments that have not ended, by number; a planned one is judged before its first use."""
    if assessment.server_id is None:
        return []
    rows = Deployment.objects.filter(server=assessment.server_id, ended_on__isnull=True)
    return list(rows.select_related("owner").order_by("number"))


def _release_of(assessment: Assessment) -> Release:
    # As it is written by now: what the caller read may have been changed by another step since.
    releases = Release.objects.select_related("server__owner").prefetch_related(*_OF_RELEASE)
    return releases.get(pk=assessment.judged_release.pk)


def _follow_deployments(assessment: Assessment, *, now: datetime) -> None:
    current = deployments_of(assessment)
    rows = assessment.answers.asked().filter(question__subject=Question.Subject.DEPLOYMENT)
    if current:
        # What was said before the first deployment was registered was said of it.
        rows.filter(deployment__isnull=True).update(deployment=current[0])
    rows.filter(deployment__isnull=False).exclude(deployment__in=current).update(put_aside_at=now)
    known = set(rows.values_list("question_id", "deployment_id"))
    questions = Question.objects.filter(
        question_set=assessment.question_set_id, subject=Question.Subject.DEPLOYMENT
    ).select_related("question_set")
    Answer.objects.bulk_create(
        Answer(assessment=assessment, question=question, deployment=deployment)
        for question in questions
        for deployment in targets(question, current)
        if (question.pk, deployment.pk if deployment else None) not in known
    )
