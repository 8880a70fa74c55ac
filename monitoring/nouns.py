"""The cards of runs and of what was observed."""

from monitoring.models import Observation, Run
from riskregister import nouns
from riskregister.nouns import Noun, Page

nouns.register(
    Noun(
        Run,
        verbs=("run",),
        unit="server.unit_id",
        subject="server",
        holds=("server",),
        related=("server",),
        pages=(Page("run-detail"),),
        places={"owner": ("server.owner",)},
        demo=("server__is_demo",),
        field_history=None,
    ),
    Noun(
        Observation,
        unit="server.unit_id",
        subject="server",
        holds=("server",),
        moving=("value", "last_seen_at", "is_seen"),
        related=("server",),
        demo=("server__is_demo",),
        field_history=None,
    ),
)
