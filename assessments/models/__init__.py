"""The tables of assessments."""

from assessments.models.answer import Answer, AnswerEvidence, AnswerQuerySet, Verification
from assessments.models.assessment import (
    Assessment,
    AssessmentQuerySet,
    EditingSession,
    Editor,
    NotOfAServer,
    Snapshot,
)

__all__ = [
    "Answer",
    "AnswerEvidence",
    "AnswerQuerySet",
    "Assessment",
    "AssessmentQuerySet",
    "EditingSession",
    "Editor",
    "NotOfAServer",
    "Snapshot",
    "Verification",
]
