"""What the pages of an assessment show: its questions as rows, its dimensions as tasks, who may do what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import prefetch_related_objects

from accounts import access
from accounts.access import Capability
from accounts.models import User
from assessments import lifecycle
from assessments.answers import answering, scored_lines, supports
from assessments.drafts import moving, previous
from assessments.facts import comparing
from assessments.models import Answer, Assessment
from catalogue import applicability, questionnaire
from catalogue.models import Dimension, Question, QuestionSet
from decisions.approvals import decision_window
from decisions.models import Approval
from evidence.models import Evidence
from reports.drawings import charts
from scoring import assurance
from scoring.interval import Interval
from scoring.methodology import EVERYTHING, Methodology
from web.assessments import answer_rows
from web.assessments.answer_rows import Row


@dataclass(frozen=True, slots=True)
class Task:
    """A dimension in the list of what is to be done."""

    key: str
    title: str
    asks: str
    weight: int
    done: int
    total: int
    with_evidence: int
    status: str

    @property
    def side(self) -> str:
        """Return its share of the score in words."""
        return f"Weight {self.weight} %"


@dataclass(frozen=True, slots=True)
class NotAsked:
    """A question that is left out, and the facts that leave it out."""

    question: Question
    because: list[str]


class Worksheet:
    """An assessment with all its questions, read once and shown from several sides."""

    def __init__(self, assessment: Assessment, *, user: User, today: date) -> None:
        """Keep for whom and for which day the pages are made."""
        self.assessment, self.user, self.today = assessment, user, today

    @cached_property
    def answers(self) -> list[Answer]:
        """Return all answers in question order."""
        return scored_lines.answers_of(self.assessment)

    @cached_property
    def method(self) -> Methodology:
        """Return the methodology that scores the assessment."""
        return scored_lines.methodology_of(self.assessment)

    @cached_property
    def former_assessment(self) -> Assessment | None:
        """Return the assessment that was final before this one."""
        return previous.find(self.assessment)

    @cached_property
    def interval(self) -> Interval:
        """Return where the score can still end."""
        return answering.live_score(self.assessment, self.answers, today=self.today)

    @cached_property
    def digest(self) -> str:
        """Return the digest of what is asked and answered, to bind a submission to what was seen."""
        return answering.answers_digest(self.assessment, self.answers)

    @property
    def asks_otherwise(self) -> bool:
        """Return whether it asks, counts or raises something else than it did when it was submitted."""
        is_submitted = self.assessment.status == Assessment.Status.SUBMITTED
        return is_submitted and lifecycle.asks_otherwise(self.assessment, self.answers)

    @cached_property
    def asked(self) -> list[Answer]:
        """Return the answers whose questions apply."""
        return scored_lines.applicable(self.assessment, self.answers)

    @cached_property
    def unconfirmed(self) -> list[Answer]:
        """Return the answers that say their question does not apply and count 0 until the reviewer confirms it."""
        if self.assessment.status != Assessment.Status.SUBMITTED:
            return []
        return [row for row in self.asked if self._waits(scored_lines.line_of(row, self.assessment, today=self.today))]

    def rows(self, dimension: str | None = None) -> list[Row]:
        """Return the questions that are asked, of one dimension or of all."""
        chosen = [row for row in self.asked if dimension in (None, row.question.dimension)]
        prefetch_related_objects(chosen, "question__options", "question__controls__framework")
        seen = self._visible_evidence(chosen)
        return [self._row(answer, seen) for answer in chosen]

    def tasks(self) -> list[Task]:
        """Return the five dimensions with their progress."""
        asks = _what_dimensions_ask(self.assessment)
        return [
            Task(
                key=one.dimension,
                title=Dimension(one.dimension).label,
                asks=asks.get(one.dimension, ""),
                weight=self.method.dimension(one.dimension).weight,
                done=one.answered,
                total=one.applicable,
                with_evidence=one.with_evidence,
                status="complete" if one.is_complete else "in_progress" if one.answered else "not_started",
            )
            for one in answering.progress(self.assessment, self.answers)
        ]

    def not_asked(self) -> list[NotAsked]:
        """Return the questions that the facts or the depth leave out, each once."""
        left_out = {row.question.key: row for row in self.answers if not scored_lines.applies(row, self.assessment)}
        return [NotAsked(row.question, _because(row.question, self.assessment)) for row in left_out.values()]

    @cached_property
    def scope(self) -> str:
        """Return how deep the assessment asks, in words; empty for a question set that asks everything of everybody."""
        if not self.assessment.question_set.each_deployment:
            return ""
        asked = len({row.question.key for row in self.asked})
        every = len({row.question.key for row in self.answers})
        return f"Depth {self.assessment.depth} of {EVERYTHING}: {asked} of {every} questions"

    def chart(self) -> charts.Chart:
        """Return the dimensions as bars, from what is sure to what can still be reached."""
        bars = [self._bar(one.key, one.title, one.weight) for one in self.method.dimensions]
        return charts.dimension_bars(bars, bands=self.method.bands, title="Where each dimension can still end")

    def can(self, capability: Capability) -> bool:
        """Return whether the person may do this in the assessment's unit."""
        return access.of(self.user).can(capability, self.assessment.unit_id)

    @property
    def can_edit(self) -> bool:
        """Return whether the person may change answers now."""
        return self.assessment.is_open and self.can(Capability.WRITE)

    @cached_property
    def why_not_decide(self) -> str:
        """Return why the person cannot decide on it, or an empty text."""
        return decision_window.why_not(self.assessment, by=self.user)

    @cached_property
    def stands(self) -> Approval | None:
        """Return the decision on it that stands, which another one would replace."""
        return decision_window.latest(self.assessment)

    def _visible_evidence(self, answers: Iterable[Answer]) -> set[object]:
        attached = {one.evidence_id for row in answers for one in row.attachments.all()}
        if not attached:
            return set()
        return set(Evidence.objects.visible_to(self.user).filter(pk__in=attached).values_list("pk", flat=True))

    @cached_property
    def _counting(self) -> set[object]:
        return {row.pk for row in scored_lines.counting(self.asked)}

    @cached_property
    def newer_set(self) -> QuestionSet | None:
        """Return the question set to which the draft can be moved, or None."""
        return moving.newer(self.assessment)

    @cached_property
    def _former_answers(self) -> dict[str, Answer]:
        found = previous.answers(self.former_assessment)
        if self.former_assessment and self.former_assessment.question_set_id != self.assessment.question_set_id:
            prefetch_related_objects(list(found.values()), "question__options")
        return found

    def _row(self, answer: Answer, seen: set[object]) -> Row:
        line = scored_lines.line_of(answer, self.assessment, today=self.today)
        against = scored_lines.contradiction(answer, self.assessment)
        return Row(
            answer=answer,
            line=line,
            former=previous.of(answer, self._former_answers),
            evidence=[
                answer_rows.evidence_line(one, answer, today=self.today, seen=seen) for one in supports.of(answer)
            ],
            counts=answer_rows.counts(line, self.method),
            at_most=assurance.shown(line.weight * self.method.evidence(line.evidence_level).ceiling),
            lift=scored_lines.lift(answer, today=self.today),
            lacks=answer_rows.lacks(line, self.method),
            needs_confirmation=assurance.needs_confirmation(line, self.method),
            waits_for_reviewer=self._waits(line),
            known=comparing.beside(answer, self.assessment),
            contradicted=against.says if against else "",
            shown=self._shown(answer),
            against=comparing.options(answer, self.assessment) if self.method.compares else (),
            counts_now=answer.pk in self._counting,
        )

    def _shown(self, answer: Answer) -> str:
        """Return the option that a look shows, in words; empty where it shows none, or the answer is that one."""
        found = comparing.shown(answer, self.assessment)
        if found is None or (answer.option and answer.option.key == found.option):
            return ""
        return next((one.text for one in answer.question.options.all() if one.key == found.option), "")

    def _waits(self, line: assurance.Line) -> bool:
        return line.state is assurance.State.NOT_APPLICABLE and assurance.is_open(line, self.method)

    def _bar(self, key: str, title: str, weight: int) -> charts.DimensionBar:
        span = self.interval.dimensions[key]
        if span is None:
            return charts.DimensionBar(title, weight, None)
        return charts.DimensionBar(title, weight, span.low, self.method.band(span.low), span.high)


def next_dimension(key: str) -> str | None:
    """Return the dimension after this one, or None after the last."""
    place = Dimension.values.index(key)
    return Dimension.values[place + 1] if place + 1 < len(Dimension.values) else None


def previous_dimension(key: str) -> str | None:
    """Return the dimension before this one, or None before the first."""
    place = Dimension.values.index(key)
    return Dimension.values[place - 1] if place else None


def _what_dimensions_ask(assessment: Assessment) -> dict[str, str]:
    asked = assessment.question_set
    published = questionnaire.load().of_version(asked.version, key=asked.key)
    return {one.key: one.asks for one in published.dimensions} if published else {}


def _because(question: Question, assessment: Assessment) -> list[str]:
    facts = assessment.facts
    if question.depth > assessment.depth:
        return [f"Asked from depth {question.depth} on; this assessment asks to depth {assessment.depth}"]
    named = dict.fromkeys(_facts_in(question.applies_when))
    return [
        f"{applicability.FACTS[name]}: {'yes' if facts[name] else 'no'}"
        for name in named
        if facts.get(name) is not None
    ]


def _facts_in(predicate: object) -> Iterable[str]:
    if not isinstance(predicate, dict):
        return
    if "fact" in predicate:
        yield str(predicate["fact"])
    for member in (*predicate.get("any_of", ()), *predicate.get("all_of", ())):
        yield from _facts_in(member)
