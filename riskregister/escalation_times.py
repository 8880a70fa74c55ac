"""After how many days what nobody has acknowledged goes to the managers, and to the head, by severity."""

from collections.abc import Collection

from riskregister import env, variables


def read(name: str, *, severities: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return both numbers of days by severity, the second no less than the first; raise Misconfigured on others."""
    found = {}
    for word in env.text(name).split():
        severity, _, days = word.partition("=")
        first, _, last = days.partition("/")
        if _is_number(first) and _is_number(last) and int(first) <= int(last):
            found[severity] = (int(first), int(last))
    if sorted(found) != sorted(severities) or len(env.text(name).split()) != len(found):
        example = variables.VARIABLES[name].default
        raise env.Misconfigured(f"{name} is {env.text(name)!r}. Name each severity once, as in {example}.")
    return found


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 5
