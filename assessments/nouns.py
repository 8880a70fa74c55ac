"""The cards of assessments and of their answers."""

from django.db.models import Q

from accounts.access import Capability
from assessments.models import Answer, Assessment
from riskregister import nouns
from riskregister.nouns import Noun, Page, Place

nouns.register(
    Noun(
        Assessment,
        prefix="A",
        verbs=("assessment",),
        subject="server",
        related=("server", "release"),
        words=("server__title", "server__name"),
        hint="status",
        pages=(Page("assessment-detail"),),
        held_by={
            "assignee": Place(
                Capability.WRITE,
                still=Q(status__in=(Assessment.Status.DRAFT, Assessment.Status.SUBMITTED)),
                given="assessment.assigned",
                left="assessment.released",
            ),
        },
    ),
    Noun(
        Answer,
        verbs=("answer",),
        unit="assessment.unit_id",
        subject="assessment.server",
        of="assessment",
        moving=(),
    ),
)
