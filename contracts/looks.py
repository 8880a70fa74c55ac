"""How contracts, their clauses and rules of the law look, as word, shape and tone."""

from contracts.models import Clause, Contract
from riskregister import looks
from riskregister.looks import Look

looks.declare(
    "contract",
    looks.of(
        Contract.Status,
        drafting=("s-dashed", "neutral"),
        signing=("s-half", "info"),
        active=("s-check", "positive"),
        under_review=("s-most", "medium"),
        ended=("s-minus", "neutral"),
    ),
)
looks.declare(
    "clause",
    looks.of(
        Clause.Present,
        unknown=("s-dashed", "neutral"),
        yes=("s-check", "positive"),
        partly=("s-half", "medium"),
        no=("s-cross", "high"),
        not_applicable=("s-minus", "neutral"),
    ),
)
looks.declare(
    "clause gap",
    {
        "": Look("Enough", "s-check", "positive"),
        "missing": Look("Missing", "s-cross", "high"),
        "partly": Look("In part", "s-half", "medium"),
        "weak": Look("Too weak", "s-alert", "high"),
        "no_value": Look("No figure", "s-half", "medium"),
        "unknown": Look("Not known", "s-dashed", "neutral"),
        "not_applicable": Look("Said not to apply", "s-minus", "neutral"),
        "not_demanded": Look("Not demanded", "s-ring", "neutral"),
        "perhaps": Look("Perhaps demanded", "s-dashed", "neutral"),
    },
)
looks.declare(
    "law reach",
    {
        "yes": Look("Applies", "s-check", "info"),
        "no": Look("Does not apply", "s-minus", "neutral"),
        "unknown": Look("Not known", "s-dashed", "medium"),
    },
)
looks.declare(
    "law force",
    {
        "in force": Look("In force", "s-check", "positive"),
        "to come": Look("To come", "s-clock", "info"),
        "proposed": Look("Proposed", "s-dashed", "neutral"),
        "ended": Look("No longer in force", "s-minus", "neutral"),
    },
)
