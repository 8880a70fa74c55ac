"""What the last final assessment of the same server or vendor said, and keeping an answer of it."""

from collections.abc import Mapping
from datetime import date, datetime

from accounts import steps
from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import step
from assessments.answers import answering, scored_lines, verifying
from assessments.models import Answer, Assessment, Verification
from evidence.models import Evidence


class NothingToKeep(answering.AnswerInvalid):
    """There is no former answer to what the question asks now."""


def find(assessment: Assessment) -> Assessment | None:
    """Return the assessment of the same server or vendor that was final before this one, or None for the first."""
    rows = Assessment.objects.filter(
        assessment.same_subject, status__in=[Assessment.Status.FINAL, Assessment.Status.SUPERSEDED]
    ).exclude(pk=assessment.pk)
    if assessment.finalised_at:
        rows = rows.filter(finalised_at__lt=assessment.finalised_at)
    return rows.order_by("-finalised_at").first()


def answers(assessment: Assessment | None) -> dict[str, Answer]:
    """Return the answers given in an assessment by their key, without the questions that it did not ask."""
    if assessment is None:
        return {}
    return {
        row.key: row for row in scored_lines.applicable(assessment, scored_lines.answers_of(assessment)) if row.choice
    }


def of(row: Answer, formers: Mapping[str, Answer]) -> Answer | None:
    """Return what was said to the question last time: for the same deployment, or else once for all of them."""
    return formers.get(row.key) or formers.get(row.question.key)


def says_the_same(row: Answer, former: Answer) -> bool:
    """Return whether both say the same: choice, option, day and, where it does not apply, the reason."""
    return _content(row) == _content(former)


@step("assessment.edited", needs=Capability.WRITE, on="assessment", records=False)
def keep(row: Answer, *, version: int, by: Principal, now: datetime) -> Answer:
    """Give the answer of the last final assessment again, with its comment, its evidence and what was found in that.

    Raises NothingToKeep when there is none or the question asks something else now, and what `answering.answer` raises.
    """
    former = of(row, answers(find(row.assessment)))
    if former is None:
        raise NothingToKeep("The last assessment holds no answer to this question.")
    if not row.question.asks_the_same_as(former.question):
        raise NothingToKeep("The question or its options changed since the last assessment. Answer it anew.")
    kept = answering.answer.within(
        row,
        choice=former.choice,
        option_key=former.option.key if former.option else "",
        reason=former.reason,
        comment=former.comment,
        event_on=former.event_on,
        version=version,
        by=by,
        now=now,
    )
    evidence = list(Evidence.objects.visible_to(by).filter(answers=former))
    for item in evidence:
        answering.attach.within(row, item, by=by, now=now)
    _keep_checks(former, kept, evidence, by=by, now=now)
    return kept


def _keep_checks(former: Answer, row: Answer, evidence: list[Evidence], *, by: Principal, now: datetime) -> None:
    there = set(Verification.objects.filter(answer=row).values_list("carried_from", flat=True))
    checks = [one for one in verifying.carried(former, row, evidence) if one.carried_from_id not in there]
    for check in checks:
        check.save(force_insert=True)
    if checks:
        question = row.key
        steps.record(
            "evidence.verification_kept", row.assessment, by=by, now=now, rows=tuple(checks), question=question
        )


def _content(row: Answer) -> tuple[str, str, str, date | None]:
    return row.choice, row.option.key if row.option else "", row.reason, row.event_on
