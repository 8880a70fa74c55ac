"""Filling in an assessment: answers, their evidence, progress and the live score."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts import principals, steps
from accounts.access import Capability
from accounts.models import Unit
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from assessments.answers import scored_lines, second_person
from assessments.models import Answer, AnswerEvidence, Assessment, Editor
from audit import context
from catalogue.models import Dimension, Option, Question
from evidence import records
from evidence.models import Evidence
from riskregister import transitions
from riskregister.canonical import canonical, digest
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_text
from scoring.interval import Interval, interval

# One event for an editing session; every single change is in the field-level diffs.
_SESSION = timedelta(minutes=30)
_MODEL_CHOICES = {"", *Answer.Choice.values}


class EditConflict(Conflict):
    """Somebody else changed the answer since it was read; `current` is the answer as it is now."""

    def __init__(self, current: Answer) -> None:
        """Keep the answer as it is now."""
        self.current = current
        who = current.edited_by.name if current.edited_by else "Somebody"
        super().__init__(f"{who} changed this answer in the meantime. Look at it, then choose again.", field="version")


class AssessmentNotOpen(Conflict):
    """The assessment is no longer a draft."""


class NotAskedAnyMore(Conflict):
    """The answer was put aside: the assessment has other questions now, or the deployment has ended."""


class AnswerInvalid(Refused):
    """The answer cannot be given like this."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one dimension is: questions that apply, how many are answered, and how many carry evidence."""

    dimension: str
    applicable: int
    answered: int
    with_evidence: int

    @property
    def is_complete(self) -> bool:
        """Return whether every question that applies is answered."""
        return self.answered == self.applicable


def _not_open(assessment: Assessment) -> AssessmentNotOpen:
    return AssessmentNotOpen(f"This assessment is {assessment.get_status_display().lower()}; it is no longer a draft.")


def _not_submitted(assessment: Assessment) -> AssessmentNotOpen:
    return AssessmentNotOpen("The reviewer confirms this once the assessment was submitted.")


def _with_a_hand(row: Answer, by: Principal) -> second_person.FourEyes | None:
    """Return the refusal for whoever has a hand in the assessment, for others None."""
    return second_person.with_a_hand(row.assessment, by)


# Everything that changes an answer holds its assessment, so that nobody submits it under the editor's hands.
_EDITS: dict[str, Any] = {
    "needs": Capability.WRITE,
    "on": "assessment",
    "frm": (Assessment.Status.DRAFT,),
    "otherwise": _not_open,
}


@step("assessment.edited", **_EDITS, records=False)
def answer(
    row: Answer,
    *,
    choice: str,
    version: int,
    by: Principal,
    now: datetime,
    option_key: str = "",
    reason: str = "",
    comment: str | None = None,
    event_on: date | None = None,
) -> Answer:
    """Return `row` with its new answer; an empty `choice` takes the answer back.

    `version` is the one that the caller read; `event_on` the day of the scan, test or drill that the answer tells of.
    Raises EditConflict when the answer changed since, NotAskedAnyMore when it was put aside, AssessmentNotOpen when it
    is no draft any more, AnswerInvalid for an unknown option, a "not applicable" without a reason, or a day to come.
    """
    option = _option(row, choice, option_key)
    reason = clean_text(reason, field="reason")
    if choice == Answer.Choice.NOT_APPLICABLE and not reason:
        raise AnswerInvalid("Say why this question does not apply.", field="reason")
    changes: dict[str, Any] = {
        "choice": choice,
        "option": option,
        "reason": reason if choice == Answer.Choice.NOT_APPLICABLE else "",
        "comment": row.comment if comment is None else clean_text(comment, field="comment"),
        "event_on": _event_day(row, option, event_on, today=timezone.localdate(now)),
    }
    if all(getattr(row, name) == value for name, value in changes.items()) and row.version == version:
        return row
    editor = principals.person_of(by)
    changes |= {"version": version + 1, "edited_by": editor, "edited_at": now}
    require_asked(row)
    if not transitions.change_if(row, {"version": version}, na_confirmed_by=None, reused_from=None, **changes):
        raise EditConflict(_as_it_is(row))
    _note_editor(row.assessment, by=by, now=now)
    return row


@step("evidence.attached", **_EDITS)
def attach(row: Answer, evidence: Evidence, *, by: Principal, now: datetime) -> Done[AnswerEvidence]:
    """Attach evidence of the unit or of the whole organisation to an answer; doing it twice changes nothing.

    Evidence that was only prepared is put on record with it. Raises NotAskedAnyMore.
    """
    require_asked(row)
    person = principals.person_of(by)
    records.put_on_record(evidence)
    records.require_usable(evidence, unit_id=row.assessment.unit_id, by=person)
    attachment, created = AnswerEvidence.objects.get_or_create(
        answer=row, evidence=evidence, defaults={"attached_by": person, "attached_at": now}
    )
    if not created:
        return Unchanged(attachment)
    _note_editor(row.assessment, by=by, now=now)
    return Done(attachment, question=row.key, evidence=evidence.ref)


def whose_evidence(row: Answer) -> Unit | None:
    """Return the unit of new evidence for an answer: nobody's alone about the vendor, since all units reuse that."""
    return None if row.question.subject == Question.Subject.VENDOR else row.assessment.unit


@step("evidence.detached", **_EDITS)
def detach(row: Answer, evidence: Evidence, *, by: Principal, now: datetime) -> Done[None]:
    """Take evidence off an answer; the evidence itself stays on record. Raises NotAskedAnyMore."""
    require_asked(row)
    removed, _ = AnswerEvidence.objects.filter(answer=row, evidence=evidence).delete()
    if not removed:
        return Unchanged(None)
    _note_editor(row.assessment, by=by, now=now)
    return Done(None, question=row.key, evidence=evidence.ref)


@step(
    "answer.not_applicable_confirmed",
    needs=Capability.DECIDE,
    on="assessment",
    frm=(Assessment.Status.SUBMITTED,),
    otherwise=_not_submitted,
    barred=(_with_a_hand,),
)
def confirm_not_applicable(row: Answer, *, by: Principal, now: datetime) -> Done[Answer]:
    """Confirm as the reviewer that a weighty question does not apply; only while the assessment is submitted.

    Raises FourEyes for whoever has a hand in it, NotAskedAnyMore, EditConflict when the answer changed since it was
    read.
    """
    require_asked(row)
    if row.choice != Answer.Choice.NOT_APPLICABLE:
        raise AnswerInvalid("Only a question that was marked as not applicable can be confirmed as such.")
    seen = {"choice": Answer.Choice.NOT_APPLICABLE, "version": row.version}
    if not transitions.change_if(row, seen, na_confirmed_by=by.person):
        raise EditConflict(_as_it_is(row))
    return Done(row, question=row.key)


def require_asked(row: Answer) -> None:
    """Raise NotAskedAnyMore when the answer was put aside since it was read. Part of a step, which holds its server."""
    row.refresh_from_db(fields=["put_aside_at"])
    if row.put_aside_at is None:
        return
    why = f"{row.deployment.ref} has ended" if row.deployment else "the assessment has other questions now"
    raise NotAskedAnyMore(f"This is not asked any more: {why}. Look again.")


def answers_digest(assessment: Assessment, answers: list[Answer]) -> str:
    """Return the SHA-256 of what is asked and answered, so that a submission binds to what the submitter saw.

    What is asked, which deployments count and what raises a finding follows from the facts and the depth, and what is
    contradicted from what the register knows: it covers what those make of the answers.
    """
    asked = scored_lines.applicable(assessment, answers)
    counting = {row.key for row in scored_lines.counting(asked)}
    content = [
        [
            *(row.key, row.choice, row.option.key if row.option else "", row.reason, row.comment),
            *(row.key in counting, scored_lines.raises(row, assessment.facts)),
            *([row.event_on.isoformat()] if row.event_on else []),
            *(["contradicted"] if scored_lines.contradiction(row, assessment) else []),
            *sorted(str(item.evidence_id) for item in row.attachments.all()),
        ]
        for row in asked
    ]
    return digest(canonical(content))


def progress(assessment: Assessment, answers: list[Answer]) -> list[Progress]:
    """Return how far each of the five dimensions is, in their order."""
    rows = scored_lines.applicable(assessment, answers)
    asked = Counter(row.question.dimension for row in rows)
    answered = Counter(row.question.dimension for row in rows if row.choice)
    proven = Counter(row.question.dimension for row in rows if row.attachments.all())
    return [Progress(key, asked[key], answered[key], proven[key]) for key in Dimension.values]


def live_score(assessment: Assessment, answers: list[Answer], *, today: date) -> Interval:
    """Return where the score can still end, as long as answers are missing."""
    rows = scored_lines.applicable(assessment, answers)
    lines = scored_lines.lines_of(assessment, rows, today=today)
    return interval(lines, scored_lines.methodology_of(assessment))


def _option(row: Answer, choice: str, option_key: str) -> Option | None:
    if choice not in _MODEL_CHOICES:
        raise AnswerInvalid("Choose an option, 'not applicable' or 'don't know'.", field="choice")
    if choice != Answer.Choice.OPTION:
        return None
    option = Option.objects.filter(question_id=row.question_id, key=option_key).first()
    if option is None:
        raise AnswerInvalid("This question has no such option.", field="option")
    return option


def _event_day(row: Answer, option: Option | None, day: date | None, *, today: date) -> date | None:
    """Return the day of the event, or None for an answer that tells of none."""
    if scored_lines.fresh_days(row.question, option) is None:
        return None
    if day is not None and day > today:
        raise AnswerInvalid(f"This day has not come yet. Give the day of the {row.question.event}.", field="event_on")
    return day


def _as_it_is(row: Answer) -> Answer:
    return Answer.objects.select_related("question", "option", "deployment", "edited_by").get(pk=row.pk)


def _note_editor(assessment: Assessment, *, by: Principal, now: datetime) -> None:
    Editor.objects.get_or_create(assessment=assessment, user=principals.person_of(by))
    actor = context.actor_of(by).id
    if not assessment.editing_sessions.filter(actor_id=actor, began_at__gt=now - _SESSION).exists():
        assessment.editing_sessions.create(actor_id=actor, began_at=now)
        steps.record("assessment.edited", assessment, by=by, now=now)
