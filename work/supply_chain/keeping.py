"""Keeps the levels of servers, and brings them up to date before they are shown.

Triggers mark a server in the transaction that changes what its levels follow from (`work.guards`), so nothing that is
shown is older than the last commit. What the clock changes is told by a moment beside the levels, what feeds change by
the basis that is kept. Whoever brings them up to date holds the row of that basis: one after the other, so that nobody
writes what was read before somebody else's change.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import F, QuerySet

from accounts.models import KeptPart
from composition.models import Comparison
from feeds.models import Feed
from vendors.models import Server
from work.models import LevelMark, ServerLevels
from work.supply_chain import facts, feed_freshness, levels
from work.supply_chain.feed_freshness import Source
from work.supply_chain.levels import Facts, Level, Reason

T = TypeVar("T")

PART = "levels"
# Raised with the rules of levels.py, so that an installation that is brought up to date works all of them out anew.
_RULES = 2
_AT_ONCE = 500
_KEPT = (
    "package",
    "ecosystem",
    "inspection",
    "rank",
    "tier",
    "hits",
    "exploited",
    "malicious",
    "worst",
    "why",
    "until",
)


@dataclass(frozen=True, slots=True)
class _World:
    """What holds for all servers: why nobody knows what is new of threats, and in each ecosystem that was told of."""

    told: Mapping[str, Source]
    threats: Reason | None
    ecosystems: Mapping[str, Reason | None]

    def plain(self) -> dict[str, Any]:
        """Return the same as JSON has it."""
        why = {name: list(reason) if reason else None for name, reason in self.ecosystems.items()}
        return {"told": feed_freshness.plain(self.told), "threats": list(self.threats or ()), "ecosystems": why}


def _world(feeds: Sequence[Feed], told: Mapping[str, Source], *, now: datetime) -> _World:
    of = feed_freshness.of_advisories(feeds, told, now=now)
    ecosystems = {name: of(name) for name in feed_freshness.told_of(told)}
    return _World(told, feed_freshness.of_threats(feeds, now=now), ecosystems)


def _read(document: Mapping[str, Any]) -> _World:
    reasons = {name: Reason(*why) if why else None for name, why in document["ecosystems"].items()}
    return _World(
        feed_freshness.read(document["told"]), Reason(*document["threats"]) if document["threats"] else None, reasons
    )


def follow(*, now: datetime) -> int:
    """Bring the levels up to date, and return of how many servers they were worked out; mostly none, and no write."""
    basis = _basis(_feeds(), now=now)
    kept = KeptPart.objects.filter(part=PART).values_list("basis", flat=True).first()
    if kept == basis and not _late(now).exists() and not LevelMark.objects.exists():
        return 0
    with transaction.atomic():
        return _bring_up_to_date(now=now)


def _feeds() -> list[Feed]:
    return list(Feed.objects.order_by("pk"))


def _basis(feeds: Iterable[Feed], *, now: datetime) -> str:
    return f"{_RULES} {feed_freshness.basis(feeds, now=now)}"


def _late(now: datetime) -> "QuerySet[ServerLevels]":
    return ServerLevels.objects.filter(until__lte=now)


def _bring_up_to_date(*, now: datetime) -> int:
    KeptPart.objects.get_or_create(part=PART, defaults={"basis": "", "body": ""})
    # Whoever comes second waits here, and then reads what the first has committed.
    KeptPart.objects.filter(part=PART).update(version=F("version") + 1)
    row, feeds = KeptPart.objects.get(part=PART), _feeds()
    basis = _basis(feeds, now=now)
    before = _read(orjson.loads(row.body)) if row.basis.startswith(f"{_RULES} ") else None
    told = before.told if before else {}
    world = _world(feeds, told if row.basis == basis else feed_freshness.sources(feeds, told), now=now)
    marks = list(LevelMark.objects.values_list("pk", "part"))
    due = {UUID(part) for _pk, part in marks if part} | _moved(before, world) | set(_keys(_late(now)))
    for some in _batches(sorted(due)):
        _work_out(some, world, feeds, now=now)
    for done in _batches([pk for pk, _part in marks]):
        LevelMark.objects.filter(pk__in=done).delete()
    KeptPart.objects.filter(part=PART).update(basis=basis, body=orjson.dumps(world.plain()).decode())
    return len(due)


def _moved(before: _World | None, world: _World) -> set[UUID]:
    """Return the servers whose levels follow from what is known of the world and changed."""
    if before is None or before.threats != world.threats:
        return set(_keys(Server.objects.order_by()))
    names = {*before.ecosystems, *world.ecosystems}
    # That an ecosystem is not told of is said of it in the same way before and after.
    changed = {
        name
        for name in names
        if name not in before.ecosystems
        or name not in world.ecosystems
        or before.ecosystems[name] != world.ecosystems[name]
    }
    if not changed:
        return set()
    rows = Comparison.objects.order_by().values_list("server", "ecosystems")
    return {server for server, listed in rows if changed.intersection(listed)}


def _keys(rows: "QuerySet[Any]") -> Iterable[UUID]:
    return rows.values_list("pk", flat=True)


def _batches(keys: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]


def _work_out(servers: Sequence[UUID], world: _World, feeds: Sequence[Feed], *, now: datetime) -> None:
    """Write the levels of these servers, of those that there are; only what differs from what is kept."""
    of = feed_freshness.of_advisories(feeds, world.told, now=now)
    kept = ServerLevels.objects.in_bulk(servers)
    found = [
        _row(key, one, levels.of(one, standing=of, threats=world.threats, now=now))
        for key, one in facts.of(servers, now=now).items()
    ]
    changed = [row for row in found if row.pk not in kept or _values(row) != _values(kept[row.pk])]
    # Django's bulk_update took 26 s for the levels of 2,900 servers on PostgreSQL; this takes 6 s for 5,000.
    ServerLevels.objects.bulk_create(changed, update_conflicts=True, unique_fields=["server"], update_fields=_KEPT)


def _row(server: UUID, known: Facts, found: Mapping[str, Level]) -> ServerLevels:
    hits = known.built.hits
    moments = [level.until for level in found.values() if level.until is not None]
    return ServerLevels(
        server_id=server,
        **{name: level.state for name, level in found.items()},
        rank=levels.rank(found, tier=known.tier),
        tier=known.tier,
        hits=hits.total,
        exploited=hits.exploited,
        malicious=hits.malicious,
        worst=hits.worst,
        why={name: [list(reason) for reason in level.why] for name, level in found.items() if level.why},
        until=min(moments, default=None),
    )


def _values(row: ServerLevels) -> list[Any]:
    return [getattr(row, name) for name in _KEPT]
