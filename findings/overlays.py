"""What a verified fix lays over the frozen answer that raised its finding, and what takes that back."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from accounts.principals import Principal
from assessments.answers import scored_lines
from assessments.models import Answer, Assessment
from catalogue.models import Option
from evidence import levels
from findings.models import Finding, FixClaim, Overlay
from scoring.assurance import ScoredLine


def standing_answers(finding: Finding) -> list[Answer]:
    """Return the answers in force that the finding is about, newest assessment first.

    One for a finding of a server, one a server for a finding of a vendor; where the question was answered for several
    deployments the one that counts. None when no final assessment asks the question any more, or when the finding came
    from no question.
    """
    if not finding.question_key:
        return []
    rows = Answer.objects.asked().filter(question__key=finding.question_key, assessment__status=Assessment.Status.FINAL)
    if finding.server_id:
        rows = rows.filter(assessment__server=finding.server_id)
    else:
        rows = rows.filter(assessment__vendor=finding.vendor_id)
    ordered = rows.select_related("assessment__snapshot", "question", "option", "deployment")
    asked: dict[UUID, list[Answer]] = {}
    for row in ordered.order_by("-assessment__finalised_at", "-pk"):
        if scored_lines.applies(row, row.assessment):
            asked.setdefault(row.assessment_id, []).append(row)
    return [next(row for row in same if row.key == _scored(row).line.key) for same in asked.values()]


def lay_fix(claim: FixClaim, *, by: Principal, now: datetime) -> list[Overlay]:
    """Lay the claimed answer over the frozen ones, and return the overlays.

    An assessment whose question set does not offer the option keeps its frozen answer until it is made again; so does
    one to which the question does not apply.
    """
    laid = []
    for answer in standing_answers(claim.finding):
        option = answer.question.options.filter(key=claim.new_option_key).first()
        if option is not None and _scored(answer).applies:
            reason = f"The fix of {claim.finding.ref} was verified."
            overlay = _overlay(claim.finding, answer, Overlay.Kind.REMEDIATED, option, reason, by=by, now=now)
            overlay.evidence, overlay.evidence_level = claim.evidence, level_of(claim, now=now)
            overlay.save(force_insert=True)
            laid.append(overlay)
    return laid


def take_back(finding: Finding, *, reason: str, by: Principal, now: datetime) -> list[Overlay]:
    """Lay the frozen answers over the fixes again that this finding brought, and return the overlays.

    Where nothing was known, the worst option stands for it: both count 0.
    """
    laid = []
    for answer in standing_answers(finding):
        newest = Overlay.objects.filter(finding=finding, assessment=answer.assessment).order_by("-at", "-id").first()
        if newest is not None and newest.kind == Overlay.Kind.REMEDIATED:
            option = answer.option or answer.question.options.order_by("quarters", "position")[0]
            overlay = _overlay(finding, answer, Overlay.Kind.CONTRADICTED, option, reason, by=by, now=now)
            overlay.save(force_insert=True)
            laid.append(overlay)
    return laid


def level_of(claim: FixClaim, *, now: datetime) -> int:
    """Return the evidence level that the new answer of a verified fix has from the evidence of its claim.

    It was attached by whoever claimed the fix, and checked by whoever verified it, if they said what it shows.
    """
    if claim.evidence is None:
        return 0
    checks = [claim] if claim.shows else []
    known = levels.support(claim.evidence, attached_by=claim.claimed_by_id, checks=checks)
    return levels.level(known, today=timezone.localdate(now))


def _scored(answer: Answer) -> ScoredLine:
    """Return what the frozen question of an answer counts."""
    return answer.assessment.snapshot.score.by_question[answer.question.key]


def _overlay(
    finding: Finding, answer: Answer, kind: Overlay.Kind, option: Option, reason: str, *, by: Principal, now: datetime
) -> Overlay:
    return Overlay(
        assessment=answer.assessment,
        question_key=answer.question.key,
        kind=kind,
        option=option,
        finding=finding,
        reason=reason,
        author=by.person,
        at=now,
    )
