"""How the states of escalations look."""

from escalations.models import Escalation
from riskregister import looks

looks.declare(
    "escalation",
    looks.of(
        Escalation.Status,
        waiting=("s-alert", "critical"),
        acknowledged=("s-half", "info"),
        over=("s-check", "neutral"),
    ),
)
looks.declare(
    "rung",
    looks.of(
        Escalation.Rung,
        owner=("s-ring", "neutral"),
        managers=("s-half", "high"),
        head=("s-alert", "critical"),
    ),
)
