"""What must follow in the same transaction when a revision of a framework takes the place of another one."""

from collections.abc import Callable

from catalogue.models import Framework

# With the revision that counted before and the one that counts now.
Follower = Callable[[Framework, Framework], None]

_followers: list[Follower] = []


def when_superseded(follower: Follower) -> None:
    """Let `follower(before, now)` be called whenever another revision of a framework becomes current."""
    if follower not in _followers:
        _followers.append(follower)


def tell_superseded(before: Framework, now: Framework) -> None:
    """Call those who registered."""
    for follower in _followers:
        follower(before, now)
