"""What an answer rests on: each document that is attached to it, what people found in it, and how far that carries."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch

from assessments.models import Answer, AnswerEvidence, Verification
from evidence import levels
from evidence.models import Evidence


@dataclass(frozen=True, slots=True)
class Support:
    """A document behind an answer.

    `checks` speak for the answer as it is; `former` are of another answer that was chosen then. Newest first.
    """

    attachment: AnswerEvidence
    checks: list[Verification]
    former: list[Verification]

    @property
    def evidence(self) -> Evidence:
        """Return the document."""
        return self.attachment.evidence

    def level(self, *, today: date) -> int:
        """Return the evidence level that the answer has from this document on a day."""
        known = levels.support(self.evidence, attached_by=self.attachment.attached_by_id, checks=self.checks)
        return levels.level(known, today=today)

    def lift(self, *, today: date) -> str:
        """Return what would make the document count more for the answer on a day, in words."""
        known = levels.support(self.evidence, attached_by=self.attachment.attached_by_id, checks=self.checks)
        return levels.lift(known, today=today)

    def state(self, *, today: date) -> str:
        """Return how it stands on a day: expired, bare (a link without a copy), collected by the register, verified,
        outdated or unverified.
        """
        if self.evidence.is_expired(today=today):
            return "expired"
        if self.evidence.is_bare_link:
            return "bare"
        if self.evidence.issuer == Evidence.Issuer.REGISTER:
            return "collected"
        if self.checks:
            return "verified"
        return "outdated" if self.former else "unverified"


def of(answer: Answer) -> list[Support]:
    """Return what the answer rests on, in the order of the evidence's numbers. Reads what `read` prefetches."""
    checks = list(answer.verifications.all())
    found = []
    for attachment in answer.attachments.all():
        about = [one for one in checks if one.evidence_id == attachment.evidence_id]
        speaking = [one for one in about if one.speaks_for(answer)]
        found.append(Support(attachment, speaking, [one for one in about if one not in speaking]))
    return found


def taken_over(former: Answer, row: Answer) -> list[AnswerEvidence]:
    """Return, not saved yet, what a former answer rests on for the answer that takes its place, attached as it was."""
    return [
        AnswerEvidence(
            answer=row, evidence=one.evidence, attached_by_id=one.attached_by_id, attached_at=one.attached_at
        )
        for one in former.attachments.all()
    ]


def read() -> "tuple[Prefetch[Any], Prefetch[Any]]":
    """Return what lists of answers prefetch to be asked what they rest on, in two statements."""
    near = ("evidence__blob", "evidence__kept_copy__blob", "evidence__kept_copy__kept_by", "attached_by")
    attached = AnswerEvidence.objects.select_related(*near)
    return (
        Prefetch("attachments", queryset=attached.order_by("evidence__number")),
        Prefetch("verifications", queryset=Verification.objects.select_related("verified_by")),
    )
