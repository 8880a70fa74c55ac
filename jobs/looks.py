"""How the states of jobs look."""

from jobs.models import Job
from riskregister import looks

looks.declare(
    "job",
    looks.of(
        Job.Status,
        queued=("s-dashed", "neutral"),
        running=("s-half", "info"),
        done=("s-check", "positive"),
        dead=("s-alert", "critical"),
    ),
)
