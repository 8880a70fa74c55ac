"""How inventories, what is known of components, and statements look, as word, shape and tone."""

from composition.knowledge import Known
from composition.models import Inventory, Statement, Suppression
from riskregister import looks

looks.declare(
    "inventory",
    looks.of(
        Inventory.Status,
        # What it lists may be affected all the same: that it is the last word is no praise.
        current=("s-check", "info"),
        superseded=("s-dashed", "neutral"),
        withdrawn=("s-cross", "neutral"),
    ),
)
looks.declare(
    "component",
    looks.of(
        Known,
        affected=("s-alert", "critical"),
        verify=("s-alert", "high"),
        # It looks like a fault and not like what passed.
        unknown=("s-dashed", "medium"),
        waiting=("s-clock", "neutral"),
        not_affected=("s-check", "positive"),
    ),
)
looks.declare(
    "statement",
    looks.of(
        Statement.Status,
        in_force=("s-check", "info"),
        withdrawn=("s-cross", "neutral"),
        superseded=("s-dashed", "neutral"),
        rejected=("s-cross", "medium"),
    )
    | {Statement.EXPIRED: looks.Look("Expired", "s-clock", "medium")},
)
looks.declare(
    "vex_status",
    looks.of(
        Statement.Says,
        # A word, and no proof: nothing is praised for it.
        not_affected=("s-half", "info"),
        affected=("s-alert", "high"),
        fixed=("s-half", "info"),
        under_investigation=("s-ring", "neutral"),
    ),
)
looks.declare(
    "outcome",
    looks.of(
        Statement.Outcome,
        applied=("s-check", "info"),
        unmatched=("s-dashed", "neutral"),
        rejected=("s-cross", "medium"),
    ),
)
looks.declare(
    "suppression",
    looks.of(
        Suppression.Status,
        proposed=("s-half", "medium"),
        accepted=("s-pause", "info"),
        ended=("s-dashed", "neutral"),
    ),
)
