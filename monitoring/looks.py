"""How runs look, as word, shape and tone: what is not assessed never looks like what passed."""

from monitoring.models import Run
from riskregister import looks
from riskregister.looks import Look

looks.declare(
    "run",
    looks.of(
        Run.Status,
        queued=("s-ring", "neutral"),
        running=("s-half", "info"),
        complete=("s-check", "positive"),
        empty=("s-dashed", "medium"),
        failed=("s-alert", "high"),
    ),
)
looks.declare(
    "observation",
    {
        # Fresh is no judgement: a fault that was seen just now is fresh, too.
        "fresh": Look("Fresh", "s-clock", "info"),
        "stale": Look("Stale: counts no more", "s-dashed", "medium"),
        "gone": Look("Not seen any more", "s-dashed", "neutral"),
        "not_assessed": Look("Not assessed", "s-dashed", "medium"),
    },
)
