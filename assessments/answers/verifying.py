"""Saying what a document shows of an answer: the step, and the checks that an answer keeps when it is taken over."""

from collections.abc import Iterable
from datetime import date, datetime

from accounts import principals
from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, step
from assessments.answers import answering
from assessments.models import Answer, AnswerEvidence, Assessment, Verification
from evidence import checks
from evidence.models import Evidence
from riskregister.refusals import Conflict, Refused


class NothingSaid(Refused):
    """There is no answer of which a document could show anything."""


class NotAttached(Refused):
    """The document is not attached to this answer."""


class AnswersFrozen(Conflict):
    """What was frozen is not lifted by a check that comes later."""


def _frozen(assessment: Assessment) -> AnswersFrozen:
    return AnswersFrozen(
        f"This assessment is {assessment.get_status_display().lower()}: its answers count as they were frozen."
    )


@step(
    "evidence.verified",
    needs=Capability.WRITE,
    on="assessment",
    frm=(Assessment.Status.DRAFT, Assessment.Status.SUBMITTED),
    otherwise=_frozen,
)
def verify(
    row: Answer,
    evidence: Evidence,
    *,
    shows: str,
    location: str,
    document_date: date,
    by: Principal,
    now: datetime,
) -> Done[Verification]:
    """Return the record of what an attached document shows of this answer, and where; it is for this answer alone.

    Raises NothingSaid while the question is not answered, NotAttached, answering.NotAskedAnyMore, and what
    `checks.found` refuses.
    """
    answering.require_asked(row)
    row.refresh_from_db(fields=["choice", "option"])
    if row.choice not in (Answer.Choice.OPTION, Answer.Choice.NOT_APPLICABLE):
        raise NothingSaid("Answer the question first: a check says what the document shows of that answer.")
    if not AnswerEvidence.objects.filter(answer=row, evidence=evidence).exists():
        raise NotAttached("Attach this evidence to the answer first.", field="evidence")
    found = checks.found(evidence, shows=shows, location=location, document_date=document_date, now=now)
    made = Verification(
        answer=row,
        evidence=evidence,
        choice=row.choice,
        option_id=row.option_id,
        shows=found.shows,
        location=found.location,
        document_date=found.document_date,
        verified_by=principals.person_of(by),
        verified_at=now,
    )
    made.save(force_insert=True)
    return Done(
        made,
        question=row.key,
        evidence=evidence.ref,
        shows=made.shows,
        location=made.location,
        document_date=made.document_date.isoformat(),
    )


def carried(former: Answer, row: Answer, evidence: Iterable[Evidence]) -> list[Verification]:
    """Return, not saved yet, the checks of a former answer for the same answer given again on the same documents.

    Each stays of the person and the moment that it was made by: taking an answer over does not make it younger.
    """
    taken = {item.pk for item in evidence}
    return [
        Verification(
            answer=row,
            evidence_id=check.evidence_id,
            choice=row.choice,
            option_id=row.option_id,
            shows=check.shows,
            location=check.location,
            document_date=check.document_date,
            verified_by_id=check.verified_by_id,
            verified_at=check.verified_at,
            carried_from=check,
        )
        for check in former.verifications.all()
        if check.evidence_id in taken and check.speaks_for(former)
    ]
