"""How certificates and due diligence look, as word, shape and tone."""

from assurance.models import Certificate, DueDiligence, DueDiligenceItem
from riskregister import looks
from riskregister.looks import Look

looks.declare(
    "certificate",
    looks.of(
        Certificate.Status,
        in_force=("s-check", "positive"),
        suspended=("s-pause", "high"),
        withdrawn=("s-cross", "critical"),
        superseded=("s-dashed", "neutral"),
    )
    | {"ended": Look("Ended", "s-clock", "high"), "undated": Look("End not known", "s-dashed", "medium")},
)
looks.declare(
    "due diligence",
    looks.of(
        DueDiligence.Status,
        open=("s-half", "info"),
        complete=("s-check", "positive"),
        superseded=("s-dashed", "neutral"),
        cancelled=("s-cross", "neutral"),
    )
    | {"never": Look("Never", "s-dashed", "medium"), "overdue": Look("Overdue", "s-clock", "high")},
)
looks.declare(
    "due diligence item",
    looks.of(
        DueDiligenceItem.Outcome,
        satisfactory=("s-check", "positive"),
        concerns=("s-half", "medium"),
        unsatisfactory=("s-cross", "high"),
        not_known=("s-dashed", "medium"),
    )
    | {
        "open": Look("Not looked at", "s-dashed", "neutral"),
        "waived": Look("Waived", "s-pause", "info"),
        "ran_out": Look("Ran out", "s-clock", "high"),
    },
)
