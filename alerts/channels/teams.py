"""Microsoft Teams (Workflows): a message with an adaptive card."""

from typing import Any

from alerts.channels import over_http
from alerts.channels.outcome import Outgoing
from riskregister.canonical import canonical

_CARD = "application/vnd.microsoft.card.adaptive"
# Teams takes 28 KB a message.
SHOWN = 15
_LONGEST = 500


def send(url: str, message: Outgoing) -> int:
    """Post a message and return the status of the answer. Raises NotDelivered."""
    return over_http.post(url, canonical(written(message.payload)).encode(), {})


def written(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the message as Teams takes it. What strangers wrote stands in text runs, which know no markup."""
    alerts = payload["data"]["alerts"]
    body = [_runs(payload["data"]["title"], weight="bolder")] + [part for one in alerts[:SHOWN] for part in _parts(one)]
    if len(alerts) > SHOWN:
        body.append(_runs(f"… and {len(alerts) - SHOWN} more."))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": [_link("Open it", alerts[0]["url"])] if len(alerts) == 1 else [],
    }
    return {"type": "message", "attachments": [{"contentType": _CARD, "contentUrl": None, "content": card}]}


def _parts(one: dict[str, Any]) -> list[dict[str, Any]]:
    facts = [one["severity"] and f"{one['severity'].capitalize()} severity", one["unit"], one["note"]]
    line = " · ".join(str(fact) for fact in facts if fact)
    reason = f"{one['actor']}: {one['reason']}" if one["reason"] else ""
    return [_runs(text) for text in (one["title"], line, reason) if text]


def _runs(text: str, **how: str) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text[:_LONGEST]} | how]}


def _link(title: str, url: str) -> dict[str, Any]:
    return {"type": "Action.OpenUrl", "title": title, "url": url}
