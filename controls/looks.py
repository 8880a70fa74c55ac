"""How the statuses of controls look, as word, shape and tone."""

from controls.models import Place, TierAcceptance, TierPlan, Word
from riskregister import looks
from riskregister.looks import Look

looks.declare(
    "control status",
    looks.of(
        Word,
        in_place=("s-check", "positive"),
        partly=("s-half", "medium"),
        planned=("s-clock", "low"),
        missing=("s-cross", "high"),
        not_applicable=("s-minus", "neutral"),
        not_known=("s-dashed", "neutral"),
    ),
)
looks.declare(
    "control place",
    looks.of(
        Place,
        organisation=("s-ring", "neutral"),
        service=("s-ring", "neutral"),
        server=("s-ring", "neutral"),
        deployment=("s-ring", "neutral"),
    ),
)
looks.declare(
    "tier acceptance",
    looks.of(
        TierAcceptance.Status,
        requested=("s-dashed", "info"),
        granted=("s-shield", "medium"),
        refused=("s-cross", "neutral"),
        revoked=("s-minus", "neutral"),
    )
    | {"in_force": Look("In force", "s-shield", "medium"), "expired": Look("Ran out", "s-clock", "high")},
)
looks.declare(
    "tier plan",
    looks.of(
        TierPlan.Status,
        under_way=("s-half", "info"),
        finished=("s-check", "positive"),
        dropped=("s-minus", "neutral"),
    ),
)
looks.declare(
    "tier milestone",
    {
        "open": Look("Open", "s-target", "info"),
        "done": Look("In place", "s-check", "positive"),
        "overdue": Look("Overdue", "s-alert", "critical"),
    },
)
# A governance tier says how much is asked for, not how bad something is: no tone of its own.
looks.declare(
    "governance tier",
    {str(number): Look(f"Tier {number}", "s-shield", "neutral") for number in (1, 2, 3)}
    | {"": Look("Not set", "s-dashed", "neutral")},
)
