"""The cards of reports, of what they name, and of what of that nobody approved."""

from discovery.models import ConfiguredServer, Discovery, UnapprovedUse
from riskregister import nouns
from riskregister.nouns import Noun, Page

nouns.register(
    Noun(
        Discovery,
        plural="discoveries",
        verbs=("discovery",),
        moving=("last_at",),
        related=("machine",),
        words=("machine__label",),
        pages=(Page("discovery-detail"),),
        demo=("unit__is_demo",),
        field_history=None,
    ),
    Noun(
        ConfiguredServer,
        word="configured server",
        moving=(),
        related=("machine",),
        words=("name", "identity", "machine__label"),
        pages=(Page("configured-server-detail"),),
        demo=("unit__is_demo",),
        field_history=None,
    ),
    Noun(
        UnapprovedUse,
        word="unapproved use",
        prefix="UU",
        verbs=("unapproved_use",),
        moving=("status", "told_again_at"),
        related=("unit",),
        words=("identity", "name"),
        hint="name",
        pages=(Page("unapproved-use-detail"),),
        demo=("unit__is_demo",),
    ),
)
