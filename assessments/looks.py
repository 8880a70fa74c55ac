"""How the states of assessments look, and of their parts while somebody answers."""

from assessments.models import Assessment
from riskregister import looks
from riskregister.looks import Look

looks.declare(
    "assessment",
    looks.of(
        Assessment.Status,
        draft=("s-half", "info"),
        submitted=("s-most", "info"),
        final=("s-check", "positive"),
        superseded=("s-archive", "neutral"),
        cancelled=("s-minus", "neutral"),
    ),
)
looks.declare(
    "judged",
    {
        "never": Look("Never assessed", "s-dashed", "high"),
        "too_old": Look("Assessed too long ago", "s-half", "medium"),
        "judged": Look("Assessed", "s-check", "positive"),
    },
)
looks.declare(
    "section",
    {
        "not_started": Look("Not started", "s-dashed", "neutral"),
        "in_progress": Look("In progress", "s-half", "info"),
        "complete": Look("Complete", "s-check", "positive"),
    },
)
