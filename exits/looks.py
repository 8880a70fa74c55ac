"""How exit plans look, as word, shape and tone."""

from exits.models import ExitPlan
from riskregister import looks

looks.declare("exit plan", looks.of(ExitPlan.Status, draft=("s-half", "medium"), ready=("s-check", "positive")))
