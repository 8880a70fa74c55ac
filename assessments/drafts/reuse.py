"""The answers that a new draft begins with: empty ones, and those about the vendor that are still fresh.

What was said of a vendor in the assessment of a server is taken over in one of the vendor, and the other way round.
"""

from datetime import date, datetime, timedelta
from typing import cast

from django.utils import timezone

from assessments.answers import scored_lines, supports, verifying
from assessments.drafts import drafts
from assessments.models import Answer, AnswerEvidence, AnswerQuerySet, Assessment, Verification
from catalogue.models import Question
from vendors.models import Deployment

# An answer about a vendor is given once and reused for a year.
FRESH_FOR = timedelta(days=365)


def make_answers(assessment: Assessment, *, now: datetime) -> list[Verification]:
    """Make an answer for each question, those about the vendor with what was said before; return their verifications.

    Part of starting. They are made in one statement a table: the start of the assessment is what the trail records.
    """
    known = _vendor_answers(assessment, now=now)
    asked = Question.objects.filter(question_set=assessment.question_set)
    questions = list(asked.select_related("question_set").prefetch_related("options"))
    deployments = drafts.deployments_of(assessment)
    answers = [
        _answer(assessment, question, deployment, known.get(question.key), today=timezone.localdate(now))
        for question in questions
        for deployment in drafts.targets(question, deployments)
    ]
    Answer.objects.bulk_create(answers)
    return _take_over_evidence([row for row in answers if row.reused_from])


def _take_over_evidence(answers: list[Answer]) -> list[Verification]:
    """Attach what each former answer rested on, as it was attached and verified, and return the verifications."""
    attached = [
        one
        for row in answers
        for one in supports.taken_over(cast(Answer, row.reused_from), row)
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


def _answer(
    assessment: Assessment,
    question: Question,
    deployment: Deployment | None,
    former: Answer | None,
    *,
    today: date,
) -> Answer:
    """Return the answer that a draft begins with: the former one, unless its question changed or its event is over."""
    empty = Answer(assessment=assessment, question=question, deployment=deployment)
    if former is None or not question.asks_the_same_as(former.question):
        return empty
    if former.choice == Answer.Choice.NOT_APPLICABLE and _judges_another_kind(former.assessment, assessment):
        return empty
    row = Answer(assessment=assessment, question=question, deployment=deployment)
    row.choice, row.reason, row.event_on = former.choice, former.reason, former.event_on
    row.option = question.option(former.option.key) if former.option else None
    event = scored_lines.event_of(row)
    if event is not None and event.is_over(today):
        return empty
    # What an analyst wrote beside the answer is their unit's.
    row.comment = former.comment if former.assessment.unit_id == assessment.unit_id else ""
    row.reused_from, row.edited_by, row.edited_at = former, former.edited_by, former.edited_at
    return row


def _judges_another_kind(former: Assessment, assessment: Assessment) -> bool:
    """Return whether one judges a server and the other a vendor: what does not apply to one may well to the other."""
    return (former.server_id is None) != (assessment.server_id is None)


def _not_judged_since(rows: AnswerQuerySet, assessment: Assessment) -> AnswerQuerySet:
    """Return of answers those that servers' assessments gave since the vendor was judged itself.

    What it said then is not taken over by itself: who judges again says it anew, or keeps it answer by answer.
    """
    own = Assessment.objects.filter(assessment.same_subject, status=Assessment.Status.FINAL)
    judged_at = own.values_list("submitted_at", flat=True).first()
    of_servers = rows.filter(assessment__server__isnull=False)
    return of_servers.filter(edited_at__gt=judged_at) if judged_at else of_servers


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
    if assessment.server_id is None:
        rows = _not_judged_since(rows, assessment)
    near = rows.select_related("question", "option", "edited_by", "assessment")
    ordered = near.prefetch_related("question__options", *supports.read())
    return {row.question.key: row for row in ordered.order_by("assessment__finalised_at")}
