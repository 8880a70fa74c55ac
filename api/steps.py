"""Which declared steps an endpoint takes: from them come its scopes."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model

from accounts.access import Capability
from accounts.steps import Step

Given = Callable[[Any], Model]


def in_body(row: Model) -> Model:
    """Return the row itself: the body chooses which of its parts the step is given."""
    return row


F = TypeVar("F", bound=Callable[..., Any])


def takes(*steps: Step[Any, Any], given: Given | None = None) -> Callable[[F], F]:
    """Name the steps of which a method of a view takes one; what they need is what the endpoint needs.

    `given` returns what the step is given of the view's row, where that is another one; it may raise Refused.
    """

    def mark(method: F) -> F:
        method.takes, method.given = steps, given  # type: ignore[attr-defined]
        return method

    return mark


def asks(method: F) -> F:
    """Let a method of a view be sent with POST although it takes no step: it answers what holds at this moment."""
    method.asks = True  # type: ignore[attr-defined]
    return method


def is_question(view: Any, method: str) -> bool:
    """Return whether a view only answers what is sent to it with a method of HTTP."""
    action = getattr(view, "action", None) or method.lower()
    return bool(getattr(getattr(view, action, None), "asks", False))


def taken(view: Any, method: str) -> tuple[Step[Any, Any], ...]:
    """Return the steps that a view takes for a method of HTTP."""
    action = getattr(view, "action", None) or method.lower()
    found: tuple[Step[Any, Any], ...] = getattr(getattr(view, action, None), "takes", ())
    return found


def needed(view: Any, method: str) -> tuple[Capability, ...]:
    """Return the capabilities of which one is needed: the scopes of a token. Empty for a view that names no step."""
    if is_question(view, method):
        return (Capability.READ,)
    steps = taken(view, method)
    declared = [capability for step in steps for capability in step.rule.capabilities]
    return tuple(dict.fromkeys(declared))


def is_signed(view: Any, method: str, row: Any, by: Any, *, unit_id: UUID | None) -> bool:
    """Return whether all steps that a view takes for a method are signed, on the row as it is (None: of no row)."""
    steps = taken(view, method)
    return bool(steps) and all(step.rule.is_signed(row, by, unit_id=unit_id) for step in steps)


def is_own(view: Any, method: str) -> bool:
    """Return whether it depends on the object, and not on the roles alone, who may take the step."""
    return any(step.rule.is_own for step in taken(view, method))
