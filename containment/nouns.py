"""The cards of policies and of what was denied."""

from containment.models import Denial, Policy
from riskregister import nouns
from riskregister.nouns import Noun, Page

nouns.register(
    Noun(
        Policy,
        prefix="PO",
        plural="policies",
        verbs=("policy",),
        related=("unit",),
        words=("name",),
        pages=(Page("policy-detail"),),
        demo=("unit__is_demo",),
    ),
    Noun(
        Denial,
        related=("server",),
        moving=(),
        demo=("server__is_demo",),
        field_history=None,
    ),
)
