"""How runs look, as word, shape and tone: what is not assessed never looks like what passed."""

from monitoring.models import Run
from riskregister import looks

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
