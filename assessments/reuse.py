"""The answers that a new draft begins with: empty ones, and those about the vendor that are still fresh."""

from datetime import datetime, timedelta
from typing import cast

from django.utils import timezone

from assessments import drafts, supports, verifying
from assessments.models import Answer, AnswerEvidence, Assessment, Verification
from catalogue.models import Option, Question
from scoring import freshness
from vendors.models import Deployment

# An answer about a vendor is given once and reused for a year.
FRESH_FOR = timedelta(days=365)


def make_answers(assessment: Assessment, *, now: datetime) -> list[Verification]:
    """Make an answer for each question, those about the vendor with what was said before; return their verifications.

    Part of starting. They are made in one statement a table: the start of the assessment is what the trail records.
    """
    known = _vendor_answers(assessment, now=now)
    questions = list(Question.objects.filter(question_set=assessment.question_set).select_related("question_set"))
    options = {(row.question_id, row.key): row for row in Option.objects.filter(question__in=questions)}
    deployments = drafts.deployments_of(assessment)
    answers = [
        _answer(assessment, question, deployment, _fresh(known.get(question.key), question, now=now), options)
        for question in questions
        for deployment in drafts.targets(question, deployments)
    ]
    Answer.objects.bulk_create(answers)
    return _take_over_evidence([row for row in answers if row.reused_from])


def _take_over_evidence(answers: list[Answer]) -> list[Verification]:
    """Attach what each former answer rested on, as it was attached and verified, and return the verifications."""
    attached = [
        AnswerEvidence(
            answer=row, evidence=one.evidence, attached_by_id=one.attached_by_id, attached_at=one.attached_at
        )
        for row in answers
        for one in cast(Answer, row.reused_from).attachments.all()
        if one.evidence.unit_id in (None, row.assessment.unit_id)
    ]
    AnswerEvidence.objects.bulk_create(attached)
    checks = [
        check
        for row in answers
        for check in verifying.carried(
            cast(Answer, row.reused_from), row, [one.evidence for one in attached if one.answer is row]
        )
    ]
    return Verification.objects.bulk_create(checks)


def _fresh(former: Answer | None, question: Question, *, now: datetime) -> Answer | None:
    """Return the former answer unless the event that it tells of speaks no more."""
    if former is None or question.fresh_days is None or former.option is None:
        return former
    event = freshness.Event(former.event_on, question.fresh_days)
    return None if event.is_over(timezone.localdate(now)) else former


def _answer(
    assessment: Assessment,
    question: Question,
    deployment: Deployment | None,
    former: Answer | None,
    options: dict[tuple[int, str], Option],
) -> Answer:
    row = Answer(assessment=assessment, question=question, deployment=deployment)
    if former is None:
        return row
    option = options.get((question.pk, former.option.key)) if former.option else None
    if former.choice == Answer.Choice.OPTION and option is None:
        return row
    row.choice, row.option, row.reason = former.choice, option, former.reason
    # What an analyst wrote beside the answer is their unit's.
    row.comment = former.comment if former.assessment.unit_id == assessment.unit_id else ""
    row.event_on = former.event_on
    row.reused_from, row.edited_by, row.edited_at = former, former.edited_by, former.edited_at
    return row


def _vendor_answers(assessment: Assessment, *, now: datetime) -> dict[str, Answer]:
    """Return the newest fresh final answers about the vendor by question key.

    Their age counts from when somebody gave them: taking an answer over again does not make it younger.
    """
    if assessment.vendor_id is None:
        return {}
    rows = Answer.objects.asked().filter(
        assessment__vendor=assessment.vendor_id,
        assessment__status__in=[Assessment.Status.FINAL, Assessment.Status.SUPERSEDED],
        edited_at__gte=now - FRESH_FOR,
        question__subject=Question.Subject.VENDOR,
        choice__in=[Answer.Choice.OPTION, Answer.Choice.NOT_APPLICABLE],
    )
    ordered = rows.select_related("question", "option", "edited_by", "assessment").prefetch_related(*supports.read())
    return {row.question.key: row for row in ordered.order_by("assessment__finalised_at")}
