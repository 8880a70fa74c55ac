"""How policies and tests of enforcement look, as word, shape and tone."""

from containment.models import EnforcementTest, Policy
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
looks.declare(
    "enforcement test",
    looks.of(
        EnforcementTest.Result,
        holds=("s-check", "positive"),
        in_part=("s-half", "medium"),
        fails=("s-cross", "critical"),
    ),
)
