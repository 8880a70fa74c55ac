"""The help page: what the roles may do, what the words mean, how the keyboard helps."""

from collections.abc import Collection

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import CAPABILITIES, Capability
from accounts.models import Role
from web.page_parts.access import MemberRequest, member
from web.sections import SHORTCUTS, entries

WORDS = (
    ("Vendor", "An organisation that supplies an MCP server, or hosts it."),
    ("Server", "An MCP server as something that agents of one unit may connect to."),
    ("Release", "A version of a server with its digest; an approval is for one release and its tools."),
    ("Deployment", "A server in one environment, used by one agent or for one use case."),
    ("Inherent tier", "How much could go wrong before controls: 1 (critical) to 4 (low)."),
    ("Assurance score", "How well the answers and their evidence hold, 0 to 100; higher is better."),
    (
        "Residual risk",
        "What is left after controls: critical, high, medium, low, or not assessed, which counts as worst.",
    ),
    ("Cap", "A limit on the score while something serious is open, with what lifts it."),
    ("Finding", "A deficiency with severity, owner and due date."),
    ("Risk acceptance", "A signed decision to live with a finding until a date; the one who asked does not grant it."),
    ("Review", "The scheduled occasion to assess a server again."),
    ("Four eyes", "Whoever answered or submitted an assessment does not decide on it."),
)


@require_safe
@member
def guide(request: MemberRequest) -> HttpResponse:
    """Show the help."""
    roles = [(role.label, _sentence(CAPABILITIES[role])) for role in Role]
    return render(
        request, "home/help.html", {"roles": roles, "words": WORDS, "keys": [*SHORTCUTS, _places()], "section": "help"}
    )


def _places() -> tuple[str, str]:
    keys, words = zip(*((entry.key, entry.word.lower()) for entry in entries()), strict=True)
    return f"g then {', '.join(keys[:-1])} or {keys[-1]}", f"Go to {', '.join(words)}"


def _sentence(allowed: Collection[Capability]) -> str:
    words = ", ".join(capability.label.lower() for capability in Capability if capability in allowed)
    return words.capitalize()
