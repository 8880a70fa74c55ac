"""Who asks for servers: one request was granted with the approval, one waits."""

from functools import partial

from demo.diary import Diary
from demo.organisation import Organisation
from intake import asking, triage
from intake.models import ServerRequest


def tell(diary: Diary, organisation: Organisation) -> None:
    """Note in the diary who asks for what; Stripe is on the register by then, and is approved 176 days ago."""
    diary.on(188, partial(_ask, diary, organisation, "Stripe", "To look up what the refund desk is asked about."))
    diary.on(187, partial(_take_up, diary, organisation))
    diary.on(3, partial(_ask, diary, organisation, "@linear/mcp-server", "To file what the refund desk reports."))


def _ask(diary: Diary, organisation: Organisation, what: str, purpose: str) -> None:
    diary.do(
        organisation.person("marcus"), asking.ask,
        unit=organisation.unit("payments"), what=what, purpose=purpose, data_reached="moderate", agent="Desk agent 2.4",
    )  # fmt: skip


def _take_up(diary: Diary, organisation: Organisation) -> None:
    diary.do(organisation.person("lena"), triage.take_up, ServerRequest.objects.latest("number"))
