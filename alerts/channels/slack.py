"""Slack, and what takes the same form (Mattermost, Rocket.Chat): a text for notices and screen readers, and blocks."""

from typing import Any

from alerts.channels import over_http
from alerts.channels.outcome import Outgoing
from riskregister.canonical import canonical

# A message takes 50 blocks, and the text of a section 3,000 characters.
SHOWN = 20
_LONGEST = 2800


def send(url: str, message: Outgoing) -> int:
    """Post a message and return the status of the answer. Raises NotDelivered."""
    return over_http.post(url, canonical(written(message.payload)).encode(), {})


def written(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the message as Slack takes it. What strangers wrote is text: it makes no link and calls nobody."""
    alerts = payload["data"]["alerts"]
    blocks = [_block(one) for one in alerts[:SHOWN]] or [_section(_plain(payload["data"]["title"]))]
    if len(alerts) > SHOWN:
        blocks.append(_section(f"… and {len(alerts) - SHOWN} more."))
    return {"text": _plain(payload["data"]["title"]), "blocks": blocks, "unfurl_links": False}


def _block(one: dict[str, Any]) -> dict[str, Any]:
    facts = [one["severity"] and f"{one['severity'].capitalize()} severity", one["unit"], one["note"]]
    lines = [f"*{_plain(one['title'])}*", " · ".join(_plain(str(fact)) for fact in facts if fact), _quoted(one)]
    return _section("\n".join(line for line in (*lines, f"<{one['url']}|Open it>") if line))


def _quoted(one: dict[str, Any]) -> str:
    return f"{_plain(one['actor'])}: {_plain(one['reason'])[:500]}" if one["reason"] else ""


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:_LONGEST], "verbatim": True}}


def _plain(text: str) -> str:
    """Return a text in which nothing is markup: Slack's three characters, and those that would set it in bold."""
    for character, written_as in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(character, written_as)
    # A zero-width space before each keeps it from being a mark.
    return "".join(f"\u200b{one}" if one in "*_~`" else one for one in text)
