"""Moving a draft to the newest question set: answers to unchanged questions come along, the others are given anew."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts import principals
from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, step
from assessments.answers import scored_lines, supports, verifying
from assessments.drafts import drafts
from assessments.models import Answer, AnswerEvidence, Assessment, Editor, Verification
from catalogue import publishing
from catalogue.models import Question, QuestionSet
from riskregister.refusals import Refused
from vendors.models import Deployment


class NothingNewer(Refused):
    """The draft has the questions that new assessments start with."""


@dataclass(frozen=True, slots=True)
class Place:
    """A question of the newer set, for one deployment or for all; what was said to it, and whether that comes along."""

    question: Question
    deployment: Deployment | None
    former: Answer | None
    is_carried: bool

    @property
    def why_anew(self) -> str:
        """Return why the question must be answered anew, or an empty text."""
        if self.is_carried:
            return ""
        if self.former is None or not self.former.choice:
            return "It was not answered." if self.former else "The question is new."
        if not self.question.asks_the_same_as(self.former.question):
            return "The question or its options changed."
        return "It is now answered for each deployment."


@dataclass(frozen=True, slots=True)
class Plan:
    """What moving a draft would do: to which set, where each answer comes from, and what is not asked any more."""

    to: QuestionSet
    places: tuple[Place, ...]
    dropped: tuple[Answer, ...]

    @property
    def carried(self) -> list[Place]:
        """Return the places whose answer comes along."""
        return [place for place in self.places if place.is_carried]

    @property
    def anew(self) -> list[Place]:
        """Return the places that must be answered anew."""
        return [place for place in self.places if not place.is_carried]


def newer(assessment: Assessment) -> QuestionSet | None:
    """Return the question set to which a draft can be moved, or None."""
    current = publishing.current_question_set(assessment.question_set.key)
    is_newer = current.version > assessment.question_set.version
    return current if assessment.is_open and is_newer else None


def plan(assessment: Assessment) -> Plan:
    """Return what moving the draft would do now. Raises NothingNewer."""
    to = newer(assessment)
    if to is None:
        raise NothingNewer("This assessment has the newest questions already.")
    answers = scored_lines.answers_of(assessment)
    deployments = drafts.deployments_of(assessment)
    questions = _with_options(Question.objects.filter(question_set=to))
    asked = _with_options(Question.objects.filter(question_set=assessment.question_set_id))
    _share({row.pk: row for row in asked}, answers)
    places = tuple(
        _place(question, deployment, answers, among=drafts.targets(question, deployments))
        for question in questions
        for deployment in drafts.targets(question, deployments)
    )
    keys = {question.key for question in questions}
    return Plan(to, places, tuple(row for row in answers if row.choice and row.question.key not in keys))


@step(
    "assessment.moved",
    needs=Capability.WRITE,
    frm=(Assessment.Status.DRAFT,),
    otherwise=lambda assessment: NothingNewer("Only a draft can be moved to newer questions."),
)
def move(assessment: Assessment, *, by: Principal, now: datetime) -> Done[Assessment]:
    """Move a draft to the question set and the method that new assessments start with.

    What was said to a question that changed stays as the comment of the new one, with its evidence. The former answers
    are put aside, with all that was found in their documents. Raises NothingNewer.
    """
    planned = plan(assessment)
    rows = [(place, _row(assessment, place)) for place in planned.places]
    assessment.answers.asked().update(put_aside_at=now)
    assessment.question_set, assessment.methodology = planned.to, publishing.current_methodology()
    for name, value in drafts.scope_of(assessment, now=now).items():
        setattr(assessment, name, value)
    Answer.objects.bulk_create(row for _place, row in rows)
    kept = [(place.former, row) for place, row in rows if place.former is not None]
    AnswerEvidence.objects.bulk_create(one for former, row in kept for one in supports.taken_over(former, row))
    verified = Verification.objects.bulk_create(one for place, row in rows for one in _checks(place, row))
    Editor.objects.get_or_create(assessment=assessment, user=principals.person_of(by))
    anew = sorted({place.question.key for place in planned.anew})
    done = Done(assessment, question_set=str(planned.to), carried=len(planned.carried), anew=anew)
    return done.made(*verified)


def _with_options(rows: "Iterable[Question]") -> list[Question]:
    return list(rows.select_related("question_set").prefetch_related("options").order_by("position"))  # type: ignore[attr-defined]


def _share(known: dict[object, Question], answers: Sequence[Answer]) -> None:
    """Let the answers refer to the questions that are loaded with their options."""
    for row in answers:
        row.question = known[row.question_id]


def _place(
    question: Question, deployment: Deployment | None, answers: Sequence[Answer], *, among: Sequence[Deployment | None]
) -> Place:
    same = [row for row in answers if row.question.key == question.key]
    exact = [row for row in same if row.deployment_id == (deployment.pk if deployment else None)]
    # What was said once for all deployments was true of one at least, and nobody knows of which.
    is_certain = bool(exact) or len(among) == 1
    former = next(iter(exact or same), None)
    carries = former is not None and former.choice != "" and is_certain and question.asks_the_same_as(former.question)
    return Place(question, deployment, former, carries)


def _row(assessment: Assessment, place: Place) -> Answer:
    row, former = Answer(assessment=assessment, question=place.question, deployment=place.deployment), place.former
    if former is None:
        return row
    if not place.is_carried:
        row.comment = _as_comment(former)
        return row
    row.choice, row.reason, row.comment, row.event_on = former.choice, former.reason, former.comment, former.event_on
    row.option = place.question.option(former.option.key) if former.option else None
    row.reused_from, row.edited_by, row.edited_at = former.reused_from, former.edited_by, former.edited_at
    return row


def _as_comment(former: Answer) -> str:
    if not former.choice:
        return former.comment
    sentence = f"In {former.question.question_set} the answer was: {former}"
    return "\n".join(filter(None, [sentence, former.reason, former.comment]))


def _checks(place: Place, row: Answer) -> Iterable[Verification]:
    """Yield what people found in it, not saved yet: it speaks for the answer that comes along, not for another one."""
    if place.former is not None and place.is_carried:
        evidence = [one.evidence for one in place.former.attachments.all()]
        yield from verifying.carried(place.former, row, evidence)
