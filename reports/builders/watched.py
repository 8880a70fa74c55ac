"""How servers are watched between assessments: how they stand, what is open, and how fresh what is known is."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from accounts.models import Unit
from audit.context import SYSTEM
from reports.builders.entries import moment
from work import tiles
from work.supply_chain import freshness, health, levels
from work.supply_chain.health import OfSeverity


@dataclass(frozen=True, slots=True)
class LevelCount:
    """How many servers stand so on a level of the supply chain."""

    level: str
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class OpenCount:
    """The open vulnerabilities of one severity, against their due day; `took` says how long mending took, if it did."""

    severity: str
    overdue: int
    due_soon: int
    in_time: int
    total: int
    took: str


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A feed or a collector, how fresh it is, and its last success (empty: none)."""

    name: str
    what: str
    state: str
    at: str


@dataclass(frozen=True, slots=True)
class Watched:
    """What the page on the supply chain says of the unit, or of all units; feeds and collectors serve all of them."""

    servers: int
    levels: tuple[LevelCount, ...]
    exploited: int
    malicious: int
    unacknowledged: int
    vulnerabilities: tuple[OpenCount, ...]
    sources: tuple[SourceEntry, ...]


def watched(unit: Unit | None, *, now: datetime, today: date) -> Watched:
    """Return how the servers that count are watched. Their levels were brought up to date before."""
    counted = tiles.figures(SYSTEM, unit=unit, today=today)
    open_now, found = counted.vulnerabilities, health.health(SYSTEM, counted.levels, unit=unit)
    return Watched(
        servers=found.servers,
        levels=tuple(
            LevelCount(levels.WORDS[level], part.look.word, part.count)
            for level in levels.KEPT
            for part in found.of(level)
        ),
        exploited=found.exploited,
        malicious=found.malicious,
        unacknowledged=found.unacknowledged,
        vulnerabilities=tuple(_open(row) for row in health.by_severity(open_now, found.of_unit, today=today)),
        sources=tuple(
            SourceEntry(one.name, one.what, one.state, moment(one.at))
            for one in chain(freshness.feeds(SYSTEM, now=now), freshness.of_collectors(SYSTEM, now=now))
        ),
    )


def _open(row: OfSeverity) -> OpenCount:
    by_due = {due: count for due, (count, _filters) in row.by_due.items()}
    return OpenCount(row.severity.word, **by_due, total=row.total, took=row.took)
