"""The figures of the supply chain's health: each leads to the list of just what it counts. One place for every door."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from accounts.models import Unit
from accounts.units import belonging
from escalations.models import Escalation
from findings.models import Finding
from riskregister import looks, plurals
from scoring import assurance
from scoring.scales import Severity
from work import counting, tiles
from work.overview import VulnerabilityFigures
from work.sums import LevelsCell
from work.supply_chain import levels
from work.supply_chain.lists import SIGNALS
from work.tiles import Tile

# The findings that tell of vulnerabilities in packages, in the words of their list.
VULNERABILITIES: Mapping[str, str] = {"source": Finding.Source.MONITORING.value, "seen_by": "composition"}
# Due soon is within 14 days.
DUE = {"overdue": "Overdue", "due_soon": "Due soon", "in_time": "In time"}


@dataclass(frozen=True, slots=True)
class Part:
    """How many servers stand so on a level, and the filters of the list of these."""

    level: str
    state: str
    count: int
    filters: Mapping[str, str]

    @property
    def look(self) -> looks.Look:
        """Return its word, shape and tone."""
        return looks.look(f"{self.level} level", self.state)


@dataclass(frozen=True, slots=True)
class Health:
    """Servers by level and state, and how many have something exploited or malicious among their packages."""

    servers: int
    parts: list[Part]
    exploited: int
    malicious: int
    unacknowledged: int
    of_unit: Mapping[str, str] = field(default_factory=dict)

    def of(self, level: str) -> list[Part]:
        """Return the parts of one level."""
        return [one for one in self.parts if one.level == level]

    @property
    def in_words(self) -> str:
        """Return how the servers stand, in one line, for whoever listens."""
        return "; ".join(
            f"{levels.WORDS[level]}: " + ", ".join(f"{one.count} {one.look.word.lower()}" for one in self.of(level))
            for level in levels.KEPT
        )


def health(user: Any, counted: Mapping[LevelsCell, int], *, unit: Unit | None) -> Health:
    """Return how what the person sees stands, or one unit of it, from the `levels` of its figures; one statement."""
    of_unit = tiles.in_words(user, unit=unit)
    return Health(
        sum(counted.values()),
        [part for level in levels.KEPT for part in _parts(counted, level, of_unit)],
        _with(counted, "exploited"),
        _with(counted, "malicious"),
        _unacknowledged(user, unit=unit),
        of_unit,
    )


def _with(counted: Mapping[LevelsCell, int], signal: str) -> int:
    return sum(n for cell, n in counted.items() if getattr(cell, signal))


def _parts(counted: Mapping[LevelsCell, int], level: str, of_unit: Mapping[str, str]) -> Iterable[Part]:
    for state in map(str, looks.kinds()[f"{level} level"]):
        count = sum(n for cell, n in counted.items() if getattr(cell, level) == state)
        yield Part(level, state, count, {level: state, **of_unit})


def _unacknowledged(user: Any, *, unit: Unit | None) -> int:
    units = belonging.units_counted(user, unit=unit)
    rows = Escalation.objects.visible_to(user).unacknowledged()
    return (rows if units is None else rows.filter(belonging.in_units(units))).count()


def of_tiles(found: Health, open_now: VulnerabilityFigures, *, today: date) -> list[Tile]:
    """Return the tiles that lead the page."""
    since = counting.midnight(today - counting.FOUND_WITHIN)
    fixing = {**VULNERABILITIES, "status": "fixing", **found.of_unit}
    affected, unknown = ({**found.of_unit, levels.PACKAGE: state} for state in ("affected", "unknown"))
    by_state = {one.state: one.count for one in found.of(levels.PACKAGE)}
    late = open_now.count(due="overdue")
    new = {**VULNERABILITIES, "status": "all", "created_from": since.isoformat(), **found.of_unit}
    signals = {word: {**found.of_unit, "signal": word} for word in SIGNALS}
    return [
        Tile("servers_affected", "Servers with affected packages", by_state["affected"], "supply-chain", affected,
             of=found.servers, alarm=_alarm(by_state["affected"])),
        Tile("servers_unknown", "Servers of which it is unknown", by_state["unknown"], "supply-chain", unknown,
             of=found.servers, alarm="medium"),
        Tile("vulnerabilities", "Open vulnerabilities", open_now.count(), "finding", fixing),
        Tile("overdue", "Of them overdue", late, "finding", {**fixing, "is_overdue": "true"}, alarm=_alarm(late)),
        Tile("found_lately", "Found within a week", open_now.found_lately, "finding", new),
        Tile("exploited", "Servers with what is exploited", found.exploited, "supply-chain", signals["exploited"],
             alarm=_alarm(found.exploited)),
        Tile("malicious", "Servers with malicious packages", found.malicious, "supply-chain", signals["malicious"],
             alarm=_alarm(found.malicious)),
        Tile("unacknowledged", "Not acknowledged", found.unacknowledged, "escalation", dict(found.of_unit),
             alarm="critical"),
    ]  # fmt: skip


def _alarm(value: int) -> str:
    """Return the tone of a number that should be none; that nothing is known is not at ease."""
    return "critical" if value else ""


@dataclass(frozen=True, slots=True)
class OfSeverity:
    """The open vulnerabilities of one severity: how many, by where they stand against their due day, each with the
    filters of its list (None: no list has just these); and the mean days from opening to closing of those `mended`.
    """

    severity: Severity
    total: int
    filters: Mapping[str, str]
    by_due: Mapping[str, tuple[int, Mapping[str, str] | None]]
    days: Fraction | None
    mended: int

    @property
    def took(self) -> str:
        """Return how long mending took in words, with how many that is told of; empty where nothing was mended."""
        if self.days is None:
            return ""
        days = assurance.shown(self.days, places=1)
        return f"{days} {plurals.word_for(1 if days == '1.0' else 2, 'day')} (of {self.mended:,})"


def by_severity(open_now: VulnerabilityFigures, of_unit: Mapping[str, str], *, today: date) -> list[OfSeverity]:
    """Return the open vulnerabilities by severity, the worst first."""
    before = f"{today + counting.DUE_SOON + timedelta(days=1)}"
    narrowed = {"overdue": {"is_overdue": "true"}, "due_soon": {"is_overdue": "false", "due_before": before}}
    found = []
    for severity in Severity:
        filters = {**VULNERABILITIES, "status": "fixing", "severity": severity.word, **of_unit}
        by_due = {
            due: (
                open_now.count(severity=severity, due=due),
                {**filters, **narrowed[due]} if due in narrowed else None,
            )
            for due in DUE
        }
        days, mended = open_now.days.get(severity, (None, 0))
        total = open_now.count(severity=severity)
        found.append(OfSeverity(severity, total, filters, by_due, days, mended))
    return found
