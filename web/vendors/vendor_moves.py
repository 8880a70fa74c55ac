"""How a vendor is moved to another status: what leads there, in which words, and what follows from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from accounts.steps import Step
from vendors import lifecycle
from vendors.models import Vendor


@dataclass(frozen=True, slots=True)
class Move:
    """The step to a status, the words on its button, what a person is told before, and whether it parts with it."""

    step: Step[Any, Vendor]
    word: str
    consequence: str
    is_end: bool = False


MOVES = {
    Vendor.Status.ACTIVE: Move(lifecycle.activate, "Activate", "You work with this vendor."),
    Vendor.Status.OFFBOARDING: Move(
        lifecycle.start_offboarding,
        "Begin offboarding",
        "You are leaving this vendor. Retire its servers next.",
        is_end=True,
    ),
    Vendor.Status.OFFBOARDED: Move(
        lifecycle.offboard,
        "Offboard",
        "You no longer use this vendor. It must not supply a server that is approved or in use.",
        is_end=True,
    ),
    Vendor.Status.PROSPECTIVE: Move(lifecycle.prospect, "Consider again", "You consider this vendor again."),
}


def offered(vendor: Vendor, user: User) -> Iterator[tuple[str, str]]:
    """Yield the statuses to which this person may move the vendor now, each with the words on its button."""
    for status, move in MOVES.items():
        if move.step.offer(vendor, user).may:
            yield status.value, move.word
