"""Proofs that somebody takes away: that an event is in the tree that was signed, checked without the register."""

import base64
from typing import Any

from audit.models import Event
from riskregister.refusals import Refused
from seal import tree
from seal.models import Checkpoint, Leaf

FORMAT = "mcp-risk-register/event-proof/1"


class NotSealedYet(Refused):
    """The event waits to be sealed."""


def of_event(event: Event) -> dict[str, Any]:
    """Return what shows that an event is in the newest tree: its body, its place, the path and the checkpoint.

    Raises NotSealedYet within the minute after it happened.
    """
    leaf = Leaf.objects.filter(event_id=event.pk).first()
    newest = Checkpoint.objects.first()
    if leaf is None or newest is None:
        raise NotSealedYet("This event is not sealed yet. Ask again in a minute.")
    path = tree.Stored(newest.size).inclusion(leaf.position)
    return {
        "format": FORMAT,
        "body": event.body,
        "position": leaf.position,
        "path": [base64.b64encode(node).decode() for node in path],
        "checkpoint": newest.note,
    }
