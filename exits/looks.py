"""How exit plans look, as word, shape and tone."""

from exits.models import ExitPlan
from riskregister import looks

looks.declare(
    "exit plan",
    looks.of(ExitPlan.Status, draft=("s-half", "medium"), ready=("s-check", "positive"))
    | {ExitPlan.TO_TRY: looks.Look(ExitPlan.TO_TRY_WORDS, "s-clock", "medium")},
)
