"""What frozen answers raise: each that is not good enough is observed, and each that is, is observed no longer."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from accounts.models import User
from accounts.principals import Principal
from assessments.answers import scored_lines
from assessments.models import Answer, Assessment
from catalogue.models import Question
from findings import assignment
from findings.models import Finding
from findings.observed import observing
from findings.observed.observations import Look, Observation, Subject
from riskregister.unit_of_work import unit_of_work
from scoring import assurance
from scoring.assurance import Gap
from scoring.scales import Severity
from vendors.models import Vendor


@unit_of_work()
def raise_findings(assessment: Assessment, answers: Sequence[Answer], by: Principal, now: datetime) -> None:
    """Open, join or reopen the findings that the frozen answers raise. Part of finalising.

    An answer raises its finding when it is worth less than the method asks (one half, or three quarters of a critical
    question) or the register knows otherwise, and as an information gap when it is unanswered, "don't know", or a "not
    applicable" that the reviewer had to confirm and did not. Questions about the vendor raise theirs on the vendor, for
    all units to see; the others on the server.
    """
    method = scored_lines.methodology_of(assessment)
    look = Look(
        source=Finding.Source.QUESTIONNAIRE,
        by=by,
        seen_at=now,
        now=now,
        assessment=assessment,
        fixer=_Turn(assessment).take,
        method=method,
        reason=f"{assessment.ref} became final.",
        # The mail about the assessment counts what it found.
        is_part=True,
    )
    by_key = {row.key: row for row in answers}
    seen: list[Observation] = []
    for scored in assessment.snapshot.score.lines:
        gaps = {line.key: gap for line in (scored.line, *scored.others) if (gap := assurance.gap(line, method))}
        if gaps:
            seen.append(_observation(assessment, {by_key[key]: gap for key, gap in gaps.items()}))
    observed = observing.observe_all(look, seen)
    about: list[Subject] = [one for one in (assessment.server, assessment.vendor) if one]
    observing.no_longer_observed(
        look, subjects=about, keys={row.question.key for row in answers}, still=[one.finding for one in observed]
    )


class _Turn:
    """Whose turn it is to fix what an assessment finds: one person gets all that it finds about one subject."""

    def __init__(self, assessment: Assessment) -> None:
        """Keep the unit among whose analysts the turn goes; for a vendor it goes among all."""
        self.unit_id = assessment.unit_id
        self.chosen: dict[Subject, User | None] = {}

    def take(self, subject: Subject) -> User | None:
        """Return who fixes what is found about the subject."""
        if subject not in self.chosen:
            self.chosen[subject] = assignment.choose_fixer(subject, unit_id=self.unit_id)
        return self.chosen[subject]


def _prefixed(answer: Answer, text: str) -> str:
    return f"{answer.deployment.ref}: {text}" if answer.deployment else text


def _note(answer: Answer, gap: Gap, subject: Subject) -> str:
    """Return what the analyst wrote beside the answer, which stays in their unit; of a vendor the reason, too."""
    reason = answer.reason if _is_unconfirmed(answer, gap) and isinstance(subject, Vendor) else ""
    return "\n".join(_prefixed(answer, text) for text in (reason, answer.comment) if text)


def _is_unconfirmed(answer: Answer, gap: Gap) -> bool:
    return gap is Gap.INFORMATION and answer.choice == Answer.Choice.NOT_APPLICABLE


def _lacking(answer: Answer, assessment: Assessment, gap: Gap, subject: Subject) -> str:
    """Return the answer with what it lacks: nobody confirmed it, or the register knows otherwise."""
    if _is_unconfirmed(answer, gap):
        words = "Said not to apply, and nobody confirmed it"
        return words if isinstance(subject, Vendor) else f"{words}: {answer.reason}"
    against = scored_lines.contradiction(answer, assessment)
    return f"{answer} (the register knows otherwise: {against.says.rstrip('.')})" if against else str(answer)


def _observation(assessment: Assessment, gaps: Mapping[Answer, Gap]) -> Observation:
    """Return what the answers to one question show: one, or one for each deployment in which it is not good enough.

    `gaps` has what each of them lacks, the worst first.
    """
    question = next(iter(gaps)).question
    # When the vendor is unknown, what is wrong with it stays with the server.
    on_vendor = question.subject == Question.Subject.VENDOR and assessment.vendor is not None
    subject: Subject = assessment.vendor if on_vendor and assessment.vendor else assessment.subject
    return Observation(
        subject=subject,
        key=question.key,
        severity=Severity.of(question.finding_severity),
        title=question.finding_title,
        description=question.finding_description,
        recommendation=question.finding_remediation,
        dimension=question.dimension,
        question_key=question.key,
        question_text=question.text,
        answer_text="; ".join(_prefixed(row, _lacking(row, assessment, gap, subject)) for row, gap in gaps.items()),
        note="\n".join(note for row, gap in gaps.items() if (note := _note(row, gap, subject))),
        gap=next(iter(gaps.values())).value,
    )
