"""How policies look, as word, shape and tone."""

from containment.models import Policy
from riskregister import looks

looks.declare(
    "policy",
    looks.of(
        Policy.Status,
        observing=("s-half", "medium"),
        enforcing=("s-check", "positive"),
        retired=("s-archive", "neutral"),
    ),
)
