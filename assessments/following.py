"""What must follow in the same transaction when an assessment becomes final; the rooms above register for it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from accounts.principals import Principal
from assessments.models import Answer, Assessment

# With the assessment its answers, as they were read to be frozen; its snapshot holds what was frozen of them.
Follower = Callable[[Assessment, Sequence[Answer], Principal, datetime], None]

_followers: list[Follower] = []


def when_final(follower: Follower) -> None:
    """Let `follower(assessment, answers, by, now)` be called, in the order of registering, within each finalisation."""
    if follower not in _followers:
        _followers.append(follower)


def tell_final(assessment: Assessment, answers: Sequence[Answer], *, by: Principal, now: datetime) -> None:
    """Call those who registered. Part of finalising."""
    for follower in _followers:
        follower(assessment, answers, by, now)
