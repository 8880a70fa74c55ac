"""The cards of what was decided about servers, and when they are looked at again."""

from django.db.models import Q

from accounts.access import Capability
from decisions.models import Approval, Condition, RatingOverride, Review, ServerRating
from riskregister import nouns
from riskregister.nouns import Noun, Page, Place

nouns.register(
    Noun(
        Approval,
        prefix="AP",
        verbs=("approval",),
        subject="server",
        holds=("server",),
        related=("server",),
        pages=(Page("server-detail", key="server_id"),),
        places={"owner": ("server.owner",), "submitter": ("assessment.submitted_by",)},
        opens=("assessment",),
    ),
    Noun(
        Condition,
        verbs=("condition",),
        unit="approval.unit_id",
        subject="approval.server",
        of="approval",
        holds=("approval",),
        moving=("met_at", "finding"),
        places={"owner": ("approval.server.owner",)},
        opens=("finding", "approval.assessment"),
        due_on="due_on",
    ),
    Noun(
        RatingOverride,
        word="override",
        verbs=("override",),
        subject="server",
        holds=("server",),
        related=("server",),
        pages=(Page("server-detail", key="server_id"),),
        places={"owner": ("server.owner",), "requester": ("requested_by",)},
        opens=("server",),
    ),
    Noun(
        Review,
        prefix="R",
        verbs=("review",),
        subject="server",
        holds=("server",),
        moving=("status", "assignee", "assessment", "due_on"),
        related=("server",),
        pages=(Page("review-detail"),),
        places={"owner": ("server.owner",), "assignee": ("assignee",)},
        due_on="due_on",
        held_by={
            "assignee": Place(
                Capability.WRITE, still=Q(status__in=Review.WAITING), given="review.assigned", left="review.released"
            ),
        },
    ),
    Noun(
        ServerRating,
        word="rating",
        verbs=("rating",),
        unit="server.unit_id",
        subject="server",
        moving=(),
        places={"owner": ("server.owner",)},
        field_history=None,
    ),
)
