"""What must follow in the same transaction when a server may be used; the rooms above register for it."""

from datetime import datetime
from typing import Protocol

from accounts.principals import Principal
from vendors.models import Server


class Follower(Protocol):
    """What a room above does then."""

    def __call__(self, server: Server, *, by: Principal, now: datetime) -> None:
        """Take in that somebody approved the server, or resumed it."""


_followers: list[Follower] = []


def when_allowed(follower: Follower) -> None:
    """Let `follower` be called within each step by which a server may be used, in the order of registering."""
    if follower not in _followers:
        _followers.append(follower)


def allowed(server: Server, *, by: Principal, now: datetime) -> None:
    """Tell those who follow. Part of a step, which holds the server and has written its state."""
    for follower in _followers:
        follower(server, by=by, now=now)
