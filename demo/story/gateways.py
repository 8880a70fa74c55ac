"""How approvals are obeyed: Payments enforces them at its gateway, Research observes what would be blocked."""

from functools import partial

from containment import deciding, noting, policies
from containment.models import Policy
from demo.diary import Diary
from demo.organisation import Organisation
from demo.story.case import EXAMPLE
from vendors.models import Server


def tell(diary: Diary, organisation: Organisation) -> None:
    """Note in the diary when policies are written and enforced, and what is asked for all the same."""
    diary.on(75, partial(_write, diary, organisation, "payments", by="priya"))
    diary.on(61, partial(_enforce, diary, organisation))
    diary.on(28, partial(_write, diary, organisation, "research", by="mei"))
    for days_ago, times in ((8, 3), (6, 1), (2, 2)):
        diary.on(days_ago, partial(_ask, diary, organisation, "Azure MCP Server", "tools/call", times=times))
    for days_ago in (5, 3, 1):
        diary.on(days_ago, partial(_ask, diary, organisation, "Git", "tools/list", times=days_ago))


def _write(diary: Diary, organisation: Organisation, code: str, *, by: str) -> None:
    unit = organisation.unit(code)
    reason = f"First we look at what would be blocked. {EXAMPLE}"
    diary.do(organisation.person(by), policies.write, unit=unit, name=f"Gateway of {unit}", reason=reason)


def _enforce(diary: Diary, organisation: Organisation) -> None:
    policy = Policy.objects.standing().get(unit=organisation.unit("payments"))
    reason = "For two weeks it would have blocked nothing that we use."
    diary.do(organisation.person("priya"), policies.enforce, policy, reason=reason)


def _ask(diary: Diary, organisation: Organisation, title: str, method: str, *, times: int) -> None:
    server = Server.objects.get(title=title)
    tool = "documentation" if method == "tools/call" else ""
    asked = deciding.Asked(server.name, method, tool, agent="Desk agent 2.4")
    for _time in range(times):
        noting.denied(deciding.decide(asked, by=organisation.person("henrik"), now=diary.now), now=diary.now)
