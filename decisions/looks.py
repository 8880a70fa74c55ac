"""How ratings look, the states of approvals, conditions, overrides and reviews."""

from decisions.approvals import server_states
from decisions.models import Approval, RatingOverride, Review
from riskregister import looks
from riskregister.looks import Look
from scoring.scales import Band, Residual

looks.declare(
    "residual",
    looks.of(
        Residual,
        not_assessed=("v-none", "neutral"),
        critical=("v-critical", "critical"),
        high=("v-high", "high"),
        medium=("v-medium", "medium"),
        low=("v-low", "positive"),
    ),
)
looks.declare(
    "band",
    looks.of(
        Band,
        strong=("s-check", "positive"),
        adequate=("s-most", "info"),
        weak=("s-half", "medium"),
        unacceptable=("s-alert", "critical"),
        not_assessed=("v-none", "neutral"),
    ),
)
looks.declare(
    "approval",
    looks.of(
        Approval.Status,
        granted=("s-check", "positive"),
        withdrawn=("s-cross", "critical"),
        superseded=("s-archive", "neutral"),
    )
    | {Approval.EXPIRED: Look("Expired", "s-clock", "high")},
)
looks.declare(
    "server_state",
    {**looks.kinds()["server"], server_states.APPROVAL_EXPIRED: Look("Approval expired", "s-clock", "high")},
)
looks.declare(
    "decision",
    looks.of(
        Approval.Decision,
        approve=("s-check", "positive"),
        approve_with_conditions=("s-shield", "medium"),
        reject=("s-cross", "critical"),
    ),
)
looks.declare(
    "condition",
    {
        "open": Look("Open", "s-target", "info"),
        "met": Look("Met", "s-check", "positive"),
        "missed": Look("Missed", "s-alert", "critical"),
    },
)
looks.declare(
    "override",
    looks.of(
        RatingOverride.Status,
        requested=("s-dashed", "info"),
        granted=("s-shield", "medium"),
        refused=("s-cross", "neutral"),
        revoked=("s-minus", "neutral"),
        expired=("s-clock", "high"),
    ),
)
looks.declare(
    "review",
    looks.of(
        Review.Status,
        scheduled=("s-clock", "neutral"),
        open=("s-target", "info"),
        done=("s-check", "positive"),
        skipped=("s-minus", "neutral"),
    )
    | {"overdue": Look("Overdue", "s-alert", "critical")},
)
