"""Steps of feeds: added, changed, switched off and on."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from feeds import kinds, places
from feeds.models import Feed
from riskregister import outbound
from riskregister.refusals import Conflict, Refused
from vendors import fields

ADMINISTER, Status, Where = Capability.ADMINISTER, Feed.Status, Feed.Where
_UNSIGNED = "It gives nobody any right; what is taken in can be let go again."
_LONGEST = 24 * 366


def _hours(value: Any, field: str) -> timedelta:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LONGEST:
        raise Refused(f"Give whole hours, 0 to {_LONGEST}.", field=field)
    return timedelta(hours=value)


def _kind(value: Any, field: str) -> str:
    known = [one.word for one in kinds.every()]
    if value not in known:
        raise Refused(f"Choose one of: {', '.join(known)}.", field=field)
    return str(value)


def _truth(value: Any, field: str) -> bool:
    if not isinstance(value, bool):
        raise Refused("Answer yes or no.", field=field)
    return value


# What people set; hours are kept as durations.
_CLEANERS: Mapping[str, fields.Cleaner] = {
    "name": fields.name(120),
    "where": fields.one_of(Where),
    "place": fields.word(700),
    "is_whole": _truth,
    "every": _hours,
    "silent_after": _hours,
}


def _facts(feed: Feed) -> dict[str, Any]:
    names = ("name", "where", "place", "is_whole")
    return {**{name: getattr(feed, name) for name in names}, **in_hours(feed)}


def in_hours(feed: Feed) -> dict[str, int]:
    """Return the durations of a feed as people set them."""
    return {"every": _in_hours(feed.every), "silent_after": _in_hours(feed.silent_after)}


def _taken(_feed: Any) -> Conflict:
    return Conflict("There is a feed of this name already. Choose another.", field="name")


@step("feed.added", needs=ADMINISTER, makes=Feed, unsigned=_UNSIGNED)
def add(*, kind: str, by: Principal, now: datetime, is_demo: bool = False, **facts: Any) -> Done[Feed]:
    """Return a new feed, which is switched on.

    `every` and `silent_after` are in hours; what is not said is as its kind has it. Raises Refused, and Conflict for a
    name that there is already.
    """
    chosen = kinds.of(_kind(kind, "kind"))
    cleaned = fields.clean(usual(chosen) | facts, _CLEANERS)
    for name in ("name", "where"):
        if name not in cleaned:
            raise Refused("Fill this in.", field=name)
    feed = Feed(kind=chosen.word, added_by=by.person, switched_at=now, is_demo=is_demo, **cleaned)
    _refuse_place(feed)
    fields.save_once(feed, otherwise=_taken(feed))
    return Done(feed, kind=feed.kind, where=feed.where, place=feed.place)


@step(
    "feed.changed", needs=ADMINISTER, unsigned=_UNSIGNED, taken=_taken,
    edits=_facts,
)  # fmt: skip
def change(feed: Feed, *, by: Principal, now: datetime, **facts: Any) -> Done[Feed]:
    """Return the feed with other facts, hours in whole numbers. From another place it is taken in whole again."""
    differs = fields.differing(feed, fields.clean(facts, _CLEANERS))
    if not differs:
        return Unchanged(feed)
    fields.put_on(feed, differs)
    _refuse_place(feed)
    if "place" in differs or "where" in differs:
        feed.mark, feed.etags = "", {}
    return Done(feed, fields=sorted(differs), where=feed.where, place=feed.place)


@step("feed.switched_off", needs=ADMINISTER, to=Status.OFF, reason="reason", unsigned=_UNSIGNED)
def switch_off(feed: Feed, *, reason: str, by: Principal, now: datetime) -> Feed:
    """Return the feed, which is not taken in any more; what it brought stays, and ages."""
    feed.switched_at, feed.silent_since = now, None
    return feed


@step("feed.switched_on", needs=ADMINISTER, to=Status.ON, unsigned=_UNSIGNED)
def switch_on(feed: Feed, *, by: Principal, now: datetime) -> Feed:
    """Return the feed, which is taken in again as often as it says."""
    feed.switched_at = now
    return feed


def usual(kind: kinds.Kind) -> dict[str, Any]:
    """Return what a new feed of a kind is set to unless somebody says otherwise."""
    hours = {"every": _in_hours(kind.every), "silent_after": _in_hours(kind.silent_after)}
    return {"is_whole": kind.is_whole, **hours}


def _in_hours(duration: timedelta) -> int:
    return int(duration.total_seconds() // 3600)


def _refuse_place(feed: Feed) -> None:
    if feed.where == Where.UPLOAD:
        if feed.place:
            raise Refused("What is uploaded has no place. Leave it empty.", field="place")
        return
    if not feed.place:
        raise Refused("Name the address, or the path within the folder of feeds.", field="place")
    if feed.where == Where.ADDRESS:
        feed.place = fields.url(700)(feed.place, "place")
        outbound.refuse_inward(feed.place, allowed=settings.OUTBOUND_ALLOW, field="place")
    else:
        places.refuse_outside(feed.place)
