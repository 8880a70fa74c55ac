"""A server that agents use, and whose residual risk is worse than the one with which it was approved.

It stays so until somebody decides anew, or withdraws the approval, or it gets better, or nobody uses it any more.
"""

from datetime import datetime
from typing import Any

from audit import trail
from audit.context import SYSTEM
from decisions.models import ServerRating
from scoring.scales import Residual, Severity
from vendors.models import Server


def is_worse(rating: ServerRating, *, approved_as: str | None) -> bool:
    """Return whether a rating is worse than the residual risk of the approval (None or empty: there is none)."""
    return bool(approved_as and rating.residual_rank < Residual(approved_as).rank)


def since(kept: ServerRating | None, fresh: ServerRating, *, approved_as: str | None, now: datetime) -> datetime | None:
    """Return since when the server has been worse than approved; None while it is not."""
    if not is_worse(fresh, approved_as=approved_as):
        return None
    return (kept.worse_since if kept else None) or now


def note(
    server: Server,
    kept: ServerRating | None,
    fresh: ServerRating,
    *,
    approved_as: str | None,
    reason: str,
    now: datetime,
) -> None:
    """Record that a server got worse than approved, or worse still, or is so no more. Part of a step, or of a sweep."""
    was_worse = kept is not None and kept.worse_since is not None
    if fresh.worse_since is None:
        if was_worse:
            trail.record("rating.recovered", server, by=SYSTEM, at=now, reason=reason, residual=fresh.residual)
    elif kept is None or not was_worse or fresh.residual_rank < kept.residual_rank:
        data: dict[str, Any] = {"approved_as": approved_as, "residual": fresh.residual}
        trail.record("rating.worsened", server, by=SYSTEM, at=now, reason=reason, **data)


def severity(residual: str) -> Severity:
    """Return how pressing it is that a server in use has this residual risk; what nobody knows is critical."""
    return Severity.CRITICAL if residual == Residual.NOT_ASSESSED else Severity.of(residual)
