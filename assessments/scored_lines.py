"""From answer rows to the pure lines that are scored."""

from datetime import date
from fractions import Fraction

from assessments import supports
from assessments.models import Answer, Assessment
from catalogue import questionnaire
from scoring import assurance
from scoring.methodology import Methodology, load
from scoring.scales import Severity


def methodology_of(assessment: Assessment) -> Methodology:
    """Return the methodology that the assessment is scored by."""
    return load(int(assessment.methodology_id))


def answers_of(assessment: Assessment) -> list[Answer]:
    """Return all answers in question order with question, option and what they rest on, in three statements."""
    rows = assessment.answers.select_related("question", "option", "edited_by", "na_confirmed_by", "reused_from")
    return list(rows.prefetch_related(*supports.read()).order_by("question__position"))


def applies(answer: Answer, facts: dict[str, bool | None]) -> bool:
    """Return whether the question is asked of a server with these facts."""
    return questionnaire.applies(answer.question.applies_when, facts)


def applicable(assessment: Assessment, answers: list[Answer]) -> list[Answer]:
    """Return the answers whose questions apply to the assessed server."""
    return [answer for answer in answers if applies(answer, assessment.facts)]


def evidence_level(answer: Answer, *, today: date) -> int:
    """Return the best evidence level among what is attached, 0 to 3."""
    return max((one.level(today=today) for one in supports.of(answer)), default=0)


def line_of(answer: Answer, *, today: date) -> assurance.Line:
    """Return the answer as a line of the score."""
    question = answer.question
    return assurance.Line(
        question=question.key,
        dimension=question.dimension,
        subject=question.subject,
        weight=question.weight,
        critical=question.is_critical,
        severity=Severity.of(question.finding_severity),
        state=assurance.State(answer.choice or assurance.State.UNANSWERED),
        value=Fraction(answer.option.quarters, 4) if answer.option else None,
        evidence_level=evidence_level(answer, today=today),
        na_confirmed=answer.na_confirmed_by_id is not None,
    )
