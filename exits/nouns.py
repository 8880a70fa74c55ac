"""The card of the exit plan."""

from exits.models import ExitPlan
from riskregister import nouns
from riskregister.nouns import Noun, Page

nouns.register(
    Noun(
        ExitPlan,
        word="exit plan",
        prefix="XP",
        verbs=("exit_plan",),
        subject="server",
        related=("server",),
        words=("replacement", "server__title"),
        hint="replacement",
        pages=(Page("exit-plan-detail"),),
        places={"owner": ("server.owner",)},
    ),
)
