"""A question with its answer as the pages of an assessment show it: what it counts, what it rests on, what it lacks."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from assessments.answers import scored_lines
from assessments.answers.supports import Support
from assessments.drafts import previous
from assessments.models import Answer, Verification
from catalogue.models import Question
from evidence.models import Evidence
from scoring import assurance
from scoring.methodology import Methodology
from web.forms.assessments.answers import value_of


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """A document behind an answer as a row: its level on the day, whether this person may open it, and its checks."""

    evidence: Evidence
    level: int
    state: str
    is_visible: bool
    checks: list[Verification]

    @property
    def can_be_verified(self) -> bool:
        """Return whether a person could say what it shows of the answer."""
        return self.is_visible and self.evidence.kind != Evidence.Kind.NOTE

    @property
    def needs_a_copy(self) -> bool:
        """Return whether it is a link that counts little because nobody kept what stands there."""
        return self.is_visible and self.evidence.is_bare_link


@dataclass(frozen=True, slots=True)
class Row:
    """A question with its answer, what was said last time, and what its answer counts.

    `known` is what the register knows that bears on it, `contradicted` what of it is otherwise, empty for nothing;
    `shown` is the option that a look of the register shows, and `against` are those that it contradicts. `at_most` is
    what an answer counts on such evidence, and `lift` what would make it more, empty for nothing.
    """

    answer: Answer
    line: assurance.Line
    former: Answer | None
    evidence: list[EvidenceLine]
    counts: str
    at_most: str
    lift: str
    lacks: str
    needs_confirmation: bool
    waits_for_reviewer: bool
    known: list[str]
    shown: str
    contradicted: str
    against: Collection[str]
    counts_now: bool = True

    @property
    def question(self) -> Question:
        """Return the question."""
        return self.answer.question

    @property
    def key(self) -> str:
        """Return the answer's key, the prefix of its fields."""
        return self.answer.key

    @property
    def event(self) -> str:
        """Return what the answer tells of, such as "scan", or an empty text when it tells of nothing with a day."""
        return self.answer.question.event

    @property
    def fresh_until(self) -> date | None:
        """Return the last day for which the event speaks."""
        event = scored_lines.event_of(self.answer)
        return event.last_day if event else None

    @property
    def lacks_day(self) -> bool:
        """Return whether the answer tells of an event and does not say its day."""
        event = scored_lines.event_of(self.answer)
        return event is not None and event.happened_on is None

    @property
    def value(self) -> str:
        """Return what the radio of the current answer says."""
        return value_of(self.answer)

    @property
    def can_keep(self) -> bool:
        """Return whether what was said last time is an answer to what the question asks now."""
        return self.former is not None and self.question.asks_the_same_as(self.former.question)

    @property
    def has_changed(self) -> bool:
        """Return whether the answer differs from the last assessment's."""
        return self.former is not None and not previous.says_the_same(self.answer, self.former)


def evidence_line(support: Support, answer: Answer, *, today: date, seen: set[object]) -> EvidenceLine:
    """Return a document behind an answer as a row; `seen` holds the keys of what the person may open."""
    return EvidenceLine(
        evidence=support.evidence,
        level=scored_lines.level_of(support, scored_lines.event_of(answer), today=today),
        state=support.state(today=today),
        is_visible=support.evidence.pk in seen,
        checks=support.checks,
    )


def question_url(answer: Answer) -> str:
    """Return the address of the question on its page."""
    page = reverse("web:assessment-dimension", args=[answer.assessment_id, answer.question.dimension])
    return f"{page}#{answer.key}"


def counts(line: assurance.Line, method: Methodology) -> str:
    """Return the arithmetic of a line as people read it, e.g. "3 × 0.60 = 1.80"."""
    if not assurance.applies(line, method):
        return "Left out"
    if line.value is None:
        return f"0 of {line.weight}"
    counted = min(line.value, method.evidence(line.evidence_level).ceiling)
    return f"{line.weight} × {assurance.shown(counted)} = {assurance.shown(assurance.credit(line, method))}"


def lacks(line: assurance.Line, method: Methodology) -> str:
    """Return what a line lacks in one word, or an empty text."""
    gap = assurance.gap(line, method)
    return gap.value if gap else ""
