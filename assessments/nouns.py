"""The cards of assessments and of their answers."""

from django.db.models import Q

from accounts.access import Capability
from assessments.models import Answer, Assessment, Verification
from riskregister import nouns
from riskregister.nouns import FieldHistory, Noun, Page, Place

nouns.register(
    Noun(
        Assessment,
        prefix="A",
        verbs=("assessment",),
        subject="subject",
        # Not its vendor, which is held after the findings: whoever makes it final waits for the vendor then.
        holds=("server",),
        # What changes while an assessment is given back and submitted again.
        moving=(
            "status",
            "assignee",
            "submitted_by",
            "submitted_at",
            "answers_digest",
            "former_answers_digest",
            "accepted_dimensions",
            "finalised_at",
            "question_set",
            "methodology",
            "facts",
            "depth",
            "known",
        ),
        # Worked out anew from what the server's own history has.
        field_history=FieldHistory(leaves_out=("known",)),
        related=("server", "release", "vendor"),
        words=("server__title", "server__name", "vendor__name"),
        hint="status",
        pages=(Page("assessment-detail"),),
        places={
            "owner": ("subject_owner",),
            "assignee": ("assignee",),
            "submitter": ("submitted_by", "created_by"),
        },
        held_by={
            "assignee": Place(
                Capability.WRITE,
                still=Q(status__in=Assessment.WAITING),
                given="assessment.assigned",
                left="assessment.released",
            ),
        },
        demo=("is_demo",),
    ),
    Noun(
        Answer,
        verbs=("answer",),
        unit="assessment.unit_id",
        subject="assessment.subject",
        of="assessment",
        holds=("assessment",),
        moving=(),
        field_history=FieldHistory(called="question.text"),
    ),
    # It never changes: what it says stands beside the answer.
    Noun(Verification, unit="answer.assessment.unit_id", of="answer", moving=(), field_history=None),
)
