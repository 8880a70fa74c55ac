"""Whether anybody knows what is new: of advisories by ecosystem, of threats as a whole. Follows from the feeds.

Which ecosystems a feed tells of is looked up once each time that it was taken in, and kept.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from composition import coverage
from composition.models import AffectedPackage
from composition.packages import ecosystems
from feeds import kinds
from feeds.models import Feed
from scoring.deadlines import written
from work.supply_chain.levels import Reason, Standing

# The room whose feeds tell of threats.
THREATS = "intelligence"
_NO_FEED = "none"


@dataclass(frozen=True, slots=True)
class Source:
    """A feed of advisories as it stood: when it was taken in last, and the ecosystems that it told of."""

    stamp: str
    ecosystems: tuple[str, ...]


def room_of(feed: Feed) -> str:
    """Return the room that takes a feed in, empty where none does any more."""
    known = {kind.word: kind for kind in kinds.every()}
    return type(known[feed.kind]).__module__.partition(".")[0] if feed.kind in known else ""


def basis(feeds: Iterable[Feed], *, now: datetime) -> str:
    """Return what says whether anything of the feeds is other than it was; the day is part of it."""
    states = [f"{feed.pk} {_stamp(feed)} {feed.freshness(now=now)} {feed.is_whole}" for feed in feeds]
    return hashlib.sha256("\n".join([f"{timezone.localdate(now)}", *sorted(states)]).encode()).hexdigest()


def _stamp(feed: Feed) -> str:
    return feed.last_success_at.isoformat() if feed.last_success_at else ""


def sources(feeds: Iterable[Feed], known: Mapping[str, Source]) -> dict[str, Source]:
    """Return by feed the ecosystems of its advisories; what is known since it was last taken in is not asked again."""
    found = {_NO_FEED: Source("", _told_by(None))}
    for feed in feeds:
        before = known.get(feed.pk.hex)
        is_known = before is not None and before.stamp == _stamp(feed)
        found[feed.pk.hex] = before if before and is_known else Source(_stamp(feed), _told_by(feed.pk))
    return found


def _told_by(feed: UUID | None) -> tuple[str, ...]:
    of = {"advisory__feed": feed} if feed else {"advisory__feed__isnull": True}
    names = AffectedPackage.objects.filter(**of).order_by().values_list("ecosystem", flat=True).distinct()
    return tuple(sorted({ecosystems.split(name)[0] for name in names if name}))


def of_advisories(feeds: Sequence[Feed], told: Mapping[str, Source], *, now: datetime) -> Standing:
    """Return what says of an ecosystem why nobody knows what is new in it, or None."""
    by_feed = {feed.pk.hex: feed for feed in feeds}
    reasons = {name: _why_old(name, told, by_feed, now=now) for name in told_of(told)}

    def standing(name: str) -> Reason | None:
        if name in reasons:
            return reasons[name]
        return Reason("not_taken_in", f"No advisories of {name} were taken in")

    return standing


def told_of(told: Mapping[str, Source]) -> set[str]:
    """Return the ecosystems that some feed told of."""
    return {name for source in told.values() for name in source.ecosystems}


def _why_old(name: str, told: Mapping[str, Source], feeds: Mapping[str, Feed], *, now: datetime) -> Reason | None:
    known = [feeds[key] for key, source in told.items() if name in source.ecosystems and key in feeds]
    states = {feed: feed.freshness(now=now) for feed in known}
    if any(coverage.counts(feed, standing=state) for feed, state in states.items()):
        return None
    if not known:
        return Reason("no_feed", f"The advisories of {name} came by no feed: nobody knows what is new")
    if "fresh" in states.values():
        return Reason("in_parts", f"Only some advisories of {name} were taken in: no feed has all of them")
    return _old(max(known, key=_stamp), of=f" of {name}", now=now)


def of_threats(feeds: Iterable[Feed], *, now: datetime) -> Reason | None:
    """Return why nobody knows what is new of threats, None where at least one feed of them is fresh."""
    telling = [feed for feed in feeds if room_of(feed) == THREATS]
    if not telling:
        return Reason("not_taken_in", "No feed tells of threats")
    if any(feed.freshness(now=now) == "fresh" for feed in telling):
        return None
    return _old(max(telling, key=_stamp), of=" of threats", now=now)


def _old(feed: Feed, *, of: str, now: datetime) -> Reason:
    since = f" since {written(timezone.localdate(feed.last_success_at))}" if feed.last_success_at else ""
    words = {"off": "is switched off", "silent": f"is silent{since}", "never": "was never taken in"}
    return Reason("feed_old", f"The feed{of}, {feed}, {words[feed.freshness(now=now)]}")


def plain(told: Mapping[str, Source]) -> dict[str, Any]:
    """Return the same as JSON has it."""
    return {key: [source.stamp, *source.ecosystems] for key, source in told.items()}


def read(document: Mapping[str, Any]) -> dict[str, Source]:
    """Return what `plain` said."""
    return {key: Source(stamp, tuple(names)) for key, (stamp, *names) in document.items()}
