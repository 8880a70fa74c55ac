"""How the states of reports look."""

from reports.models import Report
from riskregister import looks

looks.declare(
    "report",
    looks.of(
        Report.Status,
        requested=("s-dashed", "neutral"),
        rendering=("s-half", "info"),
        issued=("s-check", "positive"),
        failed=("s-alert", "critical"),
        withdrawn=("s-cross", "neutral"),
    ),
)
