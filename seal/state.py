"""How the seal stands: when it was last checked, what came of it, how far it goes, and where its checkpoints are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from seal import signing
from seal.models import Checkpoint, Export, Stamp, TrailCheck

CHECKPOINTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class State:
    """What a page and machines are told; `check`, `newest` and `stamp` are None before the first."""

    check: TrailCheck | None
    newest: Checkpoint | None
    stamp: Stamp | None
    checkpoints: "QuerySet[Checkpoint]"
    exports: "QuerySet[Export]"
    key: str


def now() -> State:
    """Return how the seal stands."""
    return State(
        check=TrailCheck.objects.first(),
        newest=Checkpoint.objects.first(),
        stamp=Stamp.objects.first(),
        checkpoints=Checkpoint.objects.defer("subtrees")[:CHECKPOINTS_SHOWN],
        exports=Export.objects.order_by("target"),
        key=str(signing.signer().verifier),
    )


def figures(*, at: datetime) -> dict[str, Any]:
    """Return the same for machines: seconds since the last check (None: none yet), and how much did not hold."""
    check = TrailCheck.objects.first()
    age = int((at - check.ended_at).total_seconds()) if check else None
    return {"last_trail_check_seconds": age, "trail_problems": check.problem_count if check else None}
