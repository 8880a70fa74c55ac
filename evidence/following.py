"""What must follow in the same transaction when evidence is valid until another day; rooms above register for it."""

from collections.abc import Callable
from datetime import datetime

from accounts.principals import Principal
from evidence.models import Evidence

Follower = Callable[[Evidence, Principal, datetime], None]

_followers: list[Follower] = []


def when_moved(follower: Follower) -> None:
    """Let `follower` be called within each step that moves evidence, in the order of registering."""
    if follower not in _followers:
        _followers.append(follower)


def follow(evidence: Evidence, *, by: Principal, now: datetime) -> None:
    """Let all who rest something on the evidence take in that it moved."""
    for follower in _followers:
        follower(evidence, by, now)
