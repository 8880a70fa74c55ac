"""The card of the request for a server."""

from intake.models import ServerRequest
from riskregister import nouns
from riskregister.nouns import Noun, Page

nouns.register(
    Noun(
        ServerRequest,
        word="request",
        prefix="RQ",
        verbs=("request",),
        subject="server",
        own="asked_by_id",
        holds=("server",),
        moving=("status", "server", "taken_by", "taken_at", "decided_by", "decided_at", "reason"),
        related=("unit", "server"),
        words=("what",),
        hint="status",
        pages=(Page("request-detail"),),
        places={"requester": ("asked_by",)},
        demo=("unit__is_demo", "server__is_demo"),
    ),
)
