"""From answer rows to the pure lines that are scored."""

from collections.abc import Collection, Sequence
from datetime import date
from fractions import Fraction
from uuid import UUID

from django.db.models import QuerySet

from assessments.answers import supports
from assessments.answers.supports import Support
from assessments.facts import comparing
from assessments.facts.comparing import Contradiction
from assessments.models import Answer, Assessment
from catalogue import applicability, questionnaire
from catalogue.applicability import Facts
from catalogue.models import Option, Question
from scoring import assurance, freshness
from scoring.methodology import Methodology, load
from scoring.scales import Severity


def methodology_of(assessment: Assessment) -> Methodology:
    """Return the methodology that the assessment is scored by."""
    return load(int(assessment.methodology_id))


def answers_of(assessment: Assessment) -> list[Answer]:
    """Return all answers that are asked, in question order with question, option and what they rest on, in three
    statements.
    """
    return list(_loaded(assessment.answers.asked()))


def answer_of(assessment: Assessment, key: str) -> Answer | None:
    """Return the answer with this key, if it is asked, as `answers_of` has it."""
    return _loaded(assessment.answers.named(key)).first()


def answers_of_each(assessments: Collection[Assessment]) -> dict[UUID, list[Answer]]:
    """Return the same of several assessments by their keys, in as many statements as of one."""
    found: dict[UUID, list[Answer]] = {one.pk: [] for one in assessments}
    for row in _loaded(Answer.objects.asked().filter(assessment__in=assessments)):
        found[row.assessment_id].append(row)
    return found


def _loaded(answers: "QuerySet[Answer]") -> "QuerySet[Answer]":
    rows = answers.select_related("question", "option", "deployment", "edited_by", "na_confirmed_by", "reused_from")
    return rows.prefetch_related(*supports.read()).order_by("question__position", "deployment__number")


def applies(answer: Answer, assessment: Assessment) -> bool:
    """Return whether the question is asked of a server of the assessment's facts, and as deep as it asks."""
    question = answer.question
    return question.depth <= assessment.depth and questionnaire.applies(question.applies_when, assessment.facts)


def applicable(assessment: Assessment, answers: list[Answer]) -> list[Answer]:
    """Return the answers whose questions apply to the assessed server."""
    return [answer for answer in answers if applies(answer, assessment)]


def counting(asked: Sequence[Answer]) -> list[Answer]:
    """Return the answers from which the score is made: of those about deployments the ones in use, if any is."""
    in_use = {row.question_id for row in asked if row.deployment and row.deployment.in_use_since}
    return [row for row in asked if row.question_id not in in_use or (row.deployment and row.deployment.in_use_since)]


def lines_of(assessment: Assessment, asked: Sequence[Answer], *, today: date) -> list[assurance.Line]:
    """Return the lines of the score from the answers whose questions apply."""
    return [line_of(row, assessment, today=today) for row in counting(asked)]


def event_of(answer: Answer) -> freshness.Event | None:
    """Return the event that the answer tells of, or None when it tells of none."""
    days = fresh_days(answer.question, answer.option)
    return None if days is None else freshness.Event(answer.event_on, days)


def fresh_days(question: Question, option: Option | None) -> int | None:
    """Return for how many days the event speaks that this option tells of, or None when it tells of none."""
    return None if option is None or option.is_undated else question.fresh_days


def evidence_level(answer: Answer, *, today: date) -> int:
    """Return the best evidence level among what is attached, 0 to 3; one less once the event speaks no more."""
    return max((level_now(one, today=today) for one in supports.of(answer)), default=0)


def lift(answer: Answer, *, today: date) -> str:
    """Return what would lift the level of an answer that rests on something, in words; empty where nothing would."""
    best = max(supports.of(answer), key=lambda one: level_now(one, today=today), default=None)
    if best is None:
        return ""
    event = event_of(answer)
    if event is None or level_now(best, today=today) == best.level(today=today):
        return best.lift(today=today)
    word = answer.question.event
    return f"Attach what a newer {word} shows." if event.happened_on else f"Say the day of the {word}."


def contradiction(answer: Answer, assessment: Assessment) -> Contradiction | None:
    """Return what the register knows otherwise than the answer says, by a method that compares them; else None."""
    return comparing.contradiction(answer, assessment) if methodology_of(assessment).compares else None


def line_of(answer: Answer, assessment: Assessment, *, today: date) -> assurance.Line:
    """Return the answer as a line of the score of its assessment.

    One that the register contradicts is worth what the best answer is that it does not contradict, at most.
    """
    question, option = answer.question, answer.option
    against = contradiction(answer, assessment)
    value = Fraction(option.quarters, 4) if option else None
    return assurance.Line(
        question=question.key,
        dimension=question.dimension,
        subject=question.subject,
        weight=question.weight,
        critical=question.is_critical,
        severity=Severity.of(question.finding_severity),
        state=assurance.State(answer.choice or assurance.State.UNANSWERED),
        value=min(value, against.at_most) if value is not None and against else value,
        evidence_level=evidence_level(answer, today=today),
        na_confirmed=answer.na_confirmed_by_id is not None,
        deployment=answer.deployment.ref if answer.deployment else "",
        raises=raises(answer, assessment.facts),
        contradicted=against is not None,
    )


def raises(answer: Answer, facts: Facts) -> bool:
    """Return whether the chosen option raises its finding under these facts, however good it is."""
    option = answer.option
    return bool(option and option.raises_when and applicability.truth(option.raises_when, facts))


def level_now(support: Support, *, today: date) -> int:
    """Return the level that a document gives its answer on a day, as it counts: by the event that the answer tells of.

    Reads question and option of the answer.
    """
    return level_of(support, event_of(support.attachment.answer), today=today)


def level_of(support: Support, event: freshness.Event | None, *, today: date) -> int:
    """Return the level that a document gives an answer that tells of this event, or of none."""
    ran_out = support.evidence.is_expired(today=today)
    return freshness.level(support.level(today=today), ran_out=ran_out, event=event, today=today)
