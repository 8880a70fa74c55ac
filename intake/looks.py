"""How requests look, as word, shape and tone; and what data somebody says that a server would reach."""

from intake.models import ServerRequest
from riskregister import looks

looks.declare(
    "request",
    looks.of(
        ServerRequest.Status,
        asked=("s-dashed", "neutral"),
        in_review=("s-half", "info"),
        granted=("s-check", "positive"),
        declined=("s-cross", "critical"),
        withdrawn=("s-archive", "neutral"),
    ),
)
