"""How approvals are obeyed: Payments enforces them at its gateway, Research observes what would be blocked."""

from collections.abc import Mapping
from functools import partial

from containment import enforcement, isolating, policies
from containment.calls import deciding, noting
from containment.models import Policy
from demo.diary import Diary
from demo.organisation import Organisation
from demo.story.case import EXAMPLE
from vendors.models import Server

HOLDS = {
    "client": "Claude Code", "version": "2.1.300", "control": "decisions", "result": "holds",
    "how": "Called a tool of a server that is not approved. The hook stopped it and named the reason.",
}  # fmt: skip
IN_PART = {
    "client": "VS Code", "version": "1.109.3", "control": "copilot-managed-settings", "result": "in_part",
    "how": "It started nothing that is denied. A server that ran before the file came went on until the next start.",
}  # fmt: skip
WALLS = {
    "egress_hosts": ["docs.aws.amazon.com"], "read_only_paths": [], "tools": [], "port": 8080, "path": "/mcp",
    "image": f"registry.example.org/mcp/aws-documentation@sha256:{'5e' * 32}",
    "run_as_user": 65532, "memory_mb": 256, "cpu_millis": 250, "processes": 64,
}  # fmt: skip


def tell(diary: Diary, organisation: Organisation) -> None:
    """Note in the diary when policies are written and enforced, and what is asked for all the same."""
    diary.on(75, partial(_write, diary, organisation, "payments", by="priya"))
    diary.on(61, partial(_enforce, diary, organisation))
    for days_ago, tried in ((60, HOLDS), (59, IN_PART)):
        diary.on(days_ago, partial(_try, diary, organisation, tried))
    diary.on(57, partial(_isolate, diary, organisation))
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


def _try(diary: Diary, organisation: Organisation, tried: Mapping[str, str]) -> None:
    unit = organisation.unit("payments")
    trial = dict(tried) | {"how": f"{tried['how']} {EXAMPLE}"}
    diary.do(organisation.person("lena"), enforcement.record, unit=unit, tried_on=diary.today, **trial)


def _isolate(diary: Diary, organisation: Organisation) -> None:
    server = Server.objects.get(title="AWS Documentation")
    diary.do(organisation.person("lena"), isolating.describe, server, values=WALLS)


def _ask(diary: Diary, organisation: Organisation, title: str, method: str, *, times: int) -> None:
    server = Server.objects.get(title=title)
    tool = "documentation" if method == "tools/call" else ""
    asked = deciding.Asked(server.name, method, tool, agent="Desk agent 2.4")
    for _time in range(times):
        noting.denied(deciding.decide(asked, by=organisation.person("henrik"), now=diary.now), now=diary.now)
