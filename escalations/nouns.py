"""The card of the escalation."""

from escalations.models import Escalation
from riskregister import nouns
from riskregister.nouns import Noun, Page

nouns.register(
    Noun(
        Escalation,
        verbs=("escalation",),
        subject="subject",
        moving=("status", "rung", "climbed_at"),
        related=("unit",),
        words=("label",),
        hint="what",
        severity="severity",
        pages=(Page("escalation-detail"),),
        demo=("is_demo",),
    ),
)
