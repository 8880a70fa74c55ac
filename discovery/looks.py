"""How what was found looks, as word, shape and tone."""

from discovery.models import Standing, UnapprovedUse
from riskregister import looks

looks.declare(
    "unapproved use",
    looks.of(
        UnapprovedUse.Status,
        seen=("s-alert", "high"),
        registered=("s-check", "positive"),
        denied=("s-cross", "critical"),
        watched=("s-half", "medium"),
    ),
)
looks.declare(
    "standing",
    looks.of(
        Standing,
        approved=("s-check", "positive"),
        unpinned=("s-half", "medium"),
        other_version=("s-alert", "high"),
        not_approved=("s-alert", "high"),
        unknown=("s-ring", "critical"),
    ),
)
