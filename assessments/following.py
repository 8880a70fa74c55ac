"""What must follow in the same transaction when an assessment becomes final; the rooms above register for it."""

from collections.abc import Callable, Iterable
from datetime import datetime

from accounts.models import User
from assessments.models import Assessment
from scoring.assurance import Line

Follower = Callable[[Assessment, Iterable[Line], User, datetime], None]

_followers: list[Follower] = []


def when_final(follower: Follower) -> None:
    """Let `follower(assessment, lines, by, now)` be called, in the order of registering, within each finalisation."""
    if follower not in _followers:
        _followers.append(follower)


def tell_final(assessment: Assessment, lines: Iterable[Line], *, by: User, now: datetime) -> None:
    """Call those who registered. Part of finalising."""
    said = list(lines)
    for follower in _followers:
        follower(assessment, said, by, now)
