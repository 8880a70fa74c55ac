"""Proofs that somebody takes away: that an event is in the tree that was signed, and that one tree begins with another;
checked without the register.
"""

import base64
from collections.abc import Iterable
from typing import Any

from audit.models import Event
from riskregister.refusals import Refused
from seal import tree
from seal.models import Checkpoint, Leaf

FORMAT = "mcp-risk-register/event-proof/1"


class NotSealedYet(Refused):
    """The event waits to be sealed."""


class NoSuchCheckpoint(Refused):
    """Nothing was signed at this size."""


def of_event(event: Event, *, size: int | None = None) -> dict[str, Any]:
    """Return what shows that an event is in the tree of a checkpoint (None: the newest): body, place, path and note.

    Raises NotSealedYet within the minute after it happened, or for an older checkpoint; NoSuchCheckpoint.
    """
    leaf = Leaf.objects.filter(event_id=event.pk).first()
    checkpoint = checkpoint_of(size) if size is not None else Checkpoint.objects.first()
    if leaf is None or checkpoint is None:
        raise NotSealedYet("This event is not sealed yet. Ask again in a minute.")
    if leaf.position >= checkpoint.size:
        raise NotSealedYet("This checkpoint is older than the event. Ask for a later one.", field="size")
    path = tree.Stored(checkpoint.size).inclusion(leaf.position)
    return {
        "format": FORMAT,
        "body": event.body,
        "position": leaf.position,
        "path": _written(path),
        "checkpoint": checkpoint.note,
    }


def between(first: int, second: int) -> dict[str, Any]:
    """Return what shows that the tree of the second checkpoint begins with that of the first: path and both notes.

    Raises NoSuchCheckpoint, and Refused when the second is the smaller.
    """
    older, newer = checkpoint_of(first, field="first"), checkpoint_of(second, field="second")
    if older.size > newer.size:
        raise Refused("The second checkpoint is smaller than the first. Exchange them.", field="second")
    path = tree.Stored(newer.size).consistency(older.size)
    return {"first": older.note, "second": newer.note, "path": _written(path)}


def checkpoint_of(size: int, *, field: str = "size") -> Checkpoint:
    """Return the checkpoint of a size. Raises NoSuchCheckpoint."""
    found = Checkpoint.objects.filter(size=size).first()
    if found is None:
        raise NoSuchCheckpoint(
            f"No checkpoint seals exactly {size} entries. Take a size from the list of checkpoints.", field=field
        )
    return found


def _written(path: Iterable[bytes]) -> list[str]:
    return [base64.b64encode(node).decode() for node in path]
