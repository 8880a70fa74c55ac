"""What must follow in the same transaction when a revision of a framework takes the place of another one."""

from collections.abc import Callable
from datetime import datetime

from accounts.principals import Principal
from catalogue.models import Framework

# With the revision that counted before and the one that counts now, by whom that is so, and its moment.
Follower = Callable[[Framework, Framework, Principal, datetime], None]

_followers: list[Follower] = []


def when_superseded(follower: Follower) -> None:
    """Let `follower(before, current, by, now)` be called whenever another revision of a framework becomes current."""
    if follower not in _followers:
        _followers.append(follower)


def tell_superseded(before: Framework, current: Framework, *, by: Principal, now: datetime) -> None:
    """Call those who registered."""
    for follower in _followers:
        follower(before, current, by, now)
