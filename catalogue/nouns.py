"""The cards of what is asked, and of the controls that it refers to: published, and never changed."""

from catalogue.models import Control, Framework, QuestionSet
from riskregister import nouns
from riskregister.nouns import Noun, Page

nouns.register(
    Noun(QuestionSet, unit=None, moving=(), field_history=None),
    Noun(
        Framework,
        unit=None,
        verbs=("framework",),
        moving=("status",),
        words=("title",),
        hint="publisher",
        pages=(Page("framework-detail"),),
        field_history=None,
    ),
    Noun(Control, unit=None, moving=(), field_history=None),
)
