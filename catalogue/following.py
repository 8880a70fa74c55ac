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


def tell_superseded(before: Framework | None) -> None:
    """Call those who registered, if another revision than `before` is current by now."""
    if before is None:
        return
    now = Framework.objects.current().filter(key=before.key).first()
    if now is not None and now.pk != before.pk:
        for follower in _followers:
            follower(before, now)
