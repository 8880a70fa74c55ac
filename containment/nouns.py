"""The cards of policies, of what was denied, of who asks, and of tests of whether approvals are obeyed."""

from containment.models import Asker, Denial, EnforcementTest, IsolationProfile, Policy
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
    Noun(
        Asker,
        verbs=("asker",),
        is_of_all_units=True,
        moving=("silent_since", "last_at"),
        visible=Asker.objects.seen_by,
        related=("unit", "token__user"),
        pages=(Page("enforcement", key=""),),
        demo=("unit__is_demo",),
        field_history=None,
    ),
    Noun(
        EnforcementTest,
        word="enforcement test",
        prefix="ET",
        verbs=("enforcement_test",),
        moving=(),
        related=("unit",),
        words=("client", "version"),
        hint="client",
        pages=(Page("enforcement-test-detail"),),
        demo=("unit__is_demo",),
    ),
    Noun(
        IsolationProfile,
        word="isolation profile",
        verbs=("isolation",),
        subject="server",
        holds=("server",),
        moving=("written_at",),
        related=("server",),
        pages=(Page("server-isolation", key="server_id"),),
        demo=("server__is_demo",),
    ),
)
