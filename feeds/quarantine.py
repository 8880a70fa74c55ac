"""What could not be read of a feed is kept by name with the reason, until it can be read."""

from collections.abc import Collection, Sequence
from datetime import datetime

from feeds.kinds import Bad
from feeds.models import Feed, FeedRun, Quarantined

_AT_ONCE = 500
_WHY, _EXCERPT = 300, 500


def names(feed: Feed) -> set[str]:
    """Return the names of what is in quarantine."""
    return set(Quarantined.objects.filter(feed=feed).values_list("name", flat=True))


def put(run: FeedRun, bad: Sequence[Bad], *, now: datetime) -> None:
    """Keep what could not be read; what is kept already, for the same reason, stays as it is. Part of a transaction."""
    if not bad:
        return
    feed = run.feed
    here = {one.name: one for one in Quarantined.objects.filter(feed=feed, name__in=[one.name for one in bad])}
    Quarantined.objects.bulk_create([_row(run, one, now=now) for one in bad if one.name not in here])
    for one in bad:
        row = here.get(one.name)
        if row is not None and row.why != one.why[:_WHY]:
            row.why, row.excerpt, row.run, row.found_at = one.why[:_WHY], one.excerpt[:_EXCERPT], run, now
            row.save(update_fields=["why", "excerpt", "run", "found_at"])


def release(feed: Feed, bad: Collection[str], named: Collection[str], *, is_whole: bool) -> None:
    """Let go what a run could read, and of a whole file also what it has no more. Part of a transaction."""
    kept = Quarantined.objects.filter(feed=feed).values_list("pk", "name")
    gone = [pk for pk, name in kept if name not in bad and (is_whole or name in named)]
    for at in range(0, len(gone), _AT_ONCE):
        Quarantined.objects.filter(pk__in=gone[at : at + _AT_ONCE]).delete()


def _row(run: FeedRun, one: Bad, *, now: datetime) -> Quarantined:
    return Quarantined(
        feed=run.feed, run=run, name=one.name, why=one.why[:_WHY], excerpt=one.excerpt[:_EXCERPT], found_at=now
    )
