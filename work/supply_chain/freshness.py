"""How fresh what the register knows is: when each feed was taken in last, and when each collector last saw anything."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Subquery

from accounts import access
from accounts.models import KeptPart
from feeds import kinds
from feeds.models import Feed
from monitoring.models import FRESH, Collector, Run
from work.supply_chain import keeping

# Every collector looks at the servers of the first tier daily; of one that has not for longer something is amiss.
LATE_AFTER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Source:
    """A feed or a collector: what it is called, how it stands (fresh, late, silent, never, off), and its last success.

    `key` is the id of a feed, or the word of a collector.
    """

    kind: str
    key: str
    name: str
    what: str
    state: str
    at: datetime | None


def feeds(user: Any, *, now: datetime) -> Iterator[Source]:
    """Yield the feeds that the person sees, by name."""
    for feed in Feed.objects.visible_to(user).order_by("name", "pk"):
        state = feed.freshness(now=now)
        yield Source("feed", str(feed.pk), feed.name, kinds.words(feed.kind), state, feed.last_success_at)


def _lasts() -> Mapping[str, datetime | None]:
    """Return when each collector last saw anything of any server, by its word.

    One statement: each is looked up at the end of an index, beside the row that is kept of the levels.
    """
    runs = Run.objects.filter(status=Run.Status.COMPLETE).order_by("-ended_at")
    lasts: Mapping[str, Any] = {
        f"at_{one.value}": Subquery(runs.filter(collector=one.value).values("ended_at")[:1]) for one in Collector
    }
    return KeptPart.objects.filter(part=keeping.PART).annotate(**lasts).values(*lasts).first() or {}


def of_collectors(user: Any, *, now: datetime) -> Iterator[Source]:
    """Yield the collectors. That one runs is of no unit, and so for whoever sees the feeds."""
    if access.of(user).is_member:
        lasts = _lasts()
        for one in Collector:
            at = lasts.get(f"at_{one.value}")
            yield Source("collector", one.value, str(one.label), "Collector", _of_collector(one, at, now), at)


def _of_collector(collector: Collector, at: datetime | None, now: datetime) -> str:
    if at is None:
        return "never"
    if at + FRESH[collector] < now:
        return "silent"
    return "late" if at + LATE_AFTER < now else "fresh"
