"""The models of the room, one module a noun."""

from assessments.models.approval import Approval, Condition, RatingOverride
from assessments.models.assessment import Answer, AnswerEvidence, Assessment, Editor, Overlay, Snapshot
from assessments.models.finding import Dimension, Finding, Occurrence, Severity
from assessments.models.questionset import Control, Framework, MethodologyVersion, Option, Question, QuestionSet
from assessments.models.rating import RatingRecord, ServerRating
from assessments.models.remediation import FixClaim, Milestone, RemediationPlan, RiskAcceptance
from assessments.models.review import Reminder, Review

__all__ = [
    "Answer",
    "AnswerEvidence",
    "Approval",
    "Assessment",
    "Condition",
    "Control",
    "Dimension",
    "Editor",
    "Finding",
    "FixClaim",
    "Framework",
    "MethodologyVersion",
    "Milestone",
    "Occurrence",
    "Option",
    "Overlay",
    "Question",
    "QuestionSet",
    "RatingOverride",
    "RatingRecord",
    "RemediationPlan",
    "Reminder",
    "Review",
    "RiskAcceptance",
    "ServerRating",
    "Severity",
    "Snapshot",
]
