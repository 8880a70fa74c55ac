"""The card of what is still to be done."""

from jobs.models import Job
from riskregister import nouns
from riskregister.nouns import Noun, Page

nouns.register(
    Noun(
        Job,
        verbs=("job",),
        unit=None,
        is_administrative=True,
        pages=(Page("jobs", key="", needs="administer"),),
        field_history=None,
    ),
)
