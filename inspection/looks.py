"""How outcomes of checks look, as word, shape and tone: what is not assessed never looks like what passed."""

from inspection.checks.declared import Outcome
from riskregister import looks
from riskregister.looks import Look

looks.declare(
    "check",
    {
        Outcome.PASSED.value: Look("Passed", "s-check", "positive"),
        Outcome.HIT.value: Look("Hit", "s-alert", "high"),
        Outcome.NOT_ASSESSED.value: Look("Not assessed", "s-dashed", "medium"),
    },
)
