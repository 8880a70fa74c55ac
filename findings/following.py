"""What must follow in the same transaction when findings change; the rooms above register for it."""

from datetime import datetime
from typing import Protocol

from accounts.principals import Principal
from findings.models import Finding, FixClaim
from vendors.models import Server


class Follower(Protocol):
    """A room above that goes by what the findings are."""

    def opened(self, finding: Finding, *, reason: str, now: datetime) -> None:
        """Take in a finding that has just opened."""

    def changed(self, finding: Finding, *, reason: str, now: datetime) -> None:
        """Take in that a finding, or what it counts for, is another than before."""

    def accepted_server(self, server: Server, *, reason: str, now: datetime) -> None:
        """Take in that the risk of a whole server is accepted, or is not any more."""

    def fix_verified(self, claim: FixClaim, *, by: Principal, now: datetime) -> None:
        """Take in that a second person verified a fix."""

    def residual_of(self, server: Server) -> str:
        """Return the residual risk of a server as it is known now, empty when it is not."""


_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Let a room follow."""
    if follower not in _followers:
        _followers.append(follower)


def opened(finding: Finding, *, reason: str, now: datetime) -> None:
    """Tell those who follow. Part of a step."""
    for follower in _followers:
        follower.opened(finding, reason=reason, now=now)


def changed(finding: Finding, *, reason: str, now: datetime) -> None:
    """Tell those who follow. Part of a step."""
    for follower in _followers:
        follower.changed(finding, reason=reason, now=now)


def accepted_server(server: Server, *, reason: str, now: datetime) -> None:
    """Tell those who follow. Part of a step."""
    for follower in _followers:
        follower.accepted_server(server, reason=reason, now=now)


def fix_verified(claim: FixClaim, *, by: Principal, now: datetime) -> None:
    """Tell those who follow. Part of a step."""
    for follower in _followers:
        follower.fix_verified(claim, by=by, now=now)


def residual_of(server: Server) -> str:
    """Return the residual risk of a server as a room above knows it, empty when none does."""
    return next((known for follower in _followers if (known := follower.residual_of(server))), "")
