"""How a server stands on each level of the supply chain: affected, none known, or unknown, with why. No query.

Affected is what somebody has still to judge or mend. None known is said only where a look that counts found nothing and
left nothing out; anything else is unknown, and says what is missing. A server that is affected says so too:
what is found is then not all that there can be. Runtime is not watched yet, and never counts as clean.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from monitoring.models import FRESH, Collector
from riskregister import plurals
from scoring.deadlines import written
from scoring.scales import Severity
from work.models import ServerLevels

State = ServerLevels.State
PACKAGE, ECOSYSTEM, INSPECTION, RUNTIME = "package", "ecosystem", "inspection", "runtime"
# What is kept of each server, in the order in which it is shown; runtime is the same of all.
KEPT = (PACKAGE, ECOSYSTEM, INSPECTION)
NOT_WATCHED = "not_watched"
# A comparison that waits no longer than this is under way.
WAITS = timedelta(hours=1)
# Worse than any severity: somebody exploits it, or the package itself is an attack.
_AT_ONCE, _UNKNOWN, _CLEAR = 0, 5, 6


class Reason(NamedTuple):
    """Why a level is as it is: a word for programs, and a sentence."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Level:
    """How a server stands on one level. `weight` is less for what is worse; `until`: until the clock changes it."""

    state: State
    weight: int
    why: tuple[Reason, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """What was found and is not settled, by severity; `at_once` are those that are exploited or malicious."""

    by_severity: Mapping[int, int] = field(default_factory=dict)
    exploited: int = 0
    malicious: int = 0

    @property
    def total(self) -> int:
        """Return how many there are."""
        return sum(self.by_severity.values())

    @property
    def worst(self) -> int | None:
        """Return the worst severity."""
        return min((severity for severity, count in self.by_severity.items() if count), default=None)

    @property
    def weight(self) -> int:
        """Return how bad that is."""
        return _AT_ONCE if self.exploited or self.malicious else self.worst or Severity.LOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What is known of what a server is built from, and of what hits it.

    `is_listed`: an inventory says what its release is built from; `is_of_release`: it was compared for that release.
    `waits_since`: it is to be compared anew.
    """

    is_listed: bool
    is_of_release: bool = True
    compared_at: datetime | None = None
    waits_since: datetime | None = None
    components: int = 0
    unknown: int = 0
    affected: int = 0
    ecosystems: Mapping[str, int] = field(default_factory=dict)
    hits: Alarms = field(default_factory=Alarms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What the looks at a server told: when the last complete one was, and what it saw that nobody has settled.

    `failed` is why the last one told nothing, if so. Of an inspection `checked_at` is when its tools were checked last,
    and `checks` what the checks hit; `is_approved`: there are approved tools to compare with.
    """

    seen_at: datetime | None = None
    alarms: Alarms = field(default_factory=Alarms)
    failed: str = ""
    is_approved: bool = True
    checked_at: datetime | None = None
    checks: Alarms = field(default_factory=Alarms)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one server."""

    tier: int
    built: Built
    threats: Looked
    inspected: Looked


# Returns why nobody knows what is new in an ecosystem of packages; None: its advisories are fresh.
Standing = Callable[[str], Reason | None]
_Found = Iterator[tuple[Reason, datetime | None]]


def of(facts: Facts, *, standing: Standing, threats: Reason | None, now: datetime) -> dict[str, Level]:
    """Return the levels that are kept; `threats` is why nobody knows what is new of threats, if so."""
    return {
        PACKAGE: package(facts.built, standing=standing, now=now),
        ECOSYSTEM: ecosystem(facts.threats, missing=threats, now=now),
        INSPECTION: inspection(facts.inspected, now=now),
    }


def rank(levels: Mapping[str, Level], *, tier: int) -> int:
    """Return the place of a server among all, the worst first: by its worst level, how many are not clear, its tier."""
    dark = sum(level.state is not State.CLEAR for level in levels.values())
    return min(level.weight for level in levels.values()) * 100 + (len(KEPT) - dark) * 10 + tier


def package(built: Built, *, standing: Standing, now: datetime) -> Level:
    """Return how a server stands by what it is built from."""
    return _level(built.hits, _hit_words(built), list(_not_compared(built, standing)), now=now)


def _hit_words(built: Built) -> Reason:
    hits, of = built.hits, plurals.counted(built.components, "component")
    found = plurals.counted(hits.total, "vulnerability", "vulnerabilities")
    words = f"{found} to judge or mend in {built.affected} of {of}"
    marks = [
        f"{count} {word}" for count, word in ((hits.malicious, "malicious"), (hits.exploited, "exploited")) if count
    ]
    return Reason("affected", ", ".join([words, *marks]))


def _not_compared(built: Built, standing: Standing) -> _Found:
    if not built.is_listed:
        yield Reason("no_inventory", "No inventory says what the release is built from"), None
        return
    if built.compared_at is None or not built.is_of_release:
        since = "" if built.compared_at is None else " since another release is relied on"
        yield Reason("not_compared", f"Not compared with advisories{since or ' yet'}"), None
        return
    yield _aged(built.compared_at, Collector.COMPOSITION, "Not compared with advisories")
    if built.waits_since is not None:
        yield Reason("waits", f"Waits since {_at(built.waits_since)} to be compared anew"), built.waits_since + WAITS
    if built.unknown:
        of = plurals.counted(built.components, "component")
        yield Reason("not_comparable", f"{built.unknown} of {of} cannot be compared"), None
    yield from ((reason, None) for name in built.ecosystems if (reason := standing(name)))


def ecosystem(looked: Looked, *, missing: Reason | None, now: datetime) -> Level:
    """Return how a server stands by what the world says of threats."""
    words = Reason("affected", f"{plurals.counted(looked.alarms.total, 'sign')} of threats to judge")
    return _level(looked.alarms, words, [*([(missing, None)] if missing else []), *_threats(looked)], now=now)


def _threats(looked: Looked) -> _Found:
    if looked.seen_at is None:
        yield Reason("not_compared", "Not compared with indicators yet"), None
    else:
        yield _aged(looked.seen_at, Collector.INTELLIGENCE, "Not compared with indicators")


def inspection(looked: Looked, *, now: datetime) -> Level:
    """Return how a server stands by what it offers now: whether it drifted from what was approved, and the checks."""
    drift, checks = looked.alarms.total, looked.checks.total
    parts = [f"{plurals.counted(drift, 'difference')} from what was approved"] if drift else []
    parts += [f"{plurals.counted(checks, 'check')} hit"] if checks else []
    both = Alarms(by_severity=Counter(looked.alarms.by_severity) + Counter(looked.checks.by_severity))
    return _level(both, Reason("affected", " and ".join(parts)), list(_not_looked_at(looked)), now=now)


def _not_looked_at(looked: Looked) -> _Found:
    if looked.seen_at is None:
        why = f": {looked.failed}" if looked.failed else ""
        yield Reason("not_looked_at", f"No look has seen what it offers{why}"), None
    else:
        yield _aged(looked.seen_at, Collector.INSPECTION, "Not looked at")
    if not looked.is_approved:
        yield Reason("not_approved", "No tools are approved that it could be compared with"), None
    if looked.checked_at is None:
        yield Reason("not_checked", "Nothing was captured that could be checked"), None


def _level(alarms: Alarms, words: Reason, unknown: Sequence[tuple[Reason, datetime | None]], *, now: datetime) -> Level:
    """Return the level: what is found counts first, then what is missing. Reasons that hold later are told then."""
    missing = tuple(reason for reason, begins in unknown if begins is None or begins <= now)
    until = min((begins for _reason, begins in unknown if begins is not None and begins > now), default=None)
    if alarms.total:
        return Level(State.AFFECTED, alarms.weight, (words, *missing), until)
    state, weight = (State.UNKNOWN, _UNKNOWN) if missing else (State.CLEAR, _CLEAR)
    return Level(state, weight, missing, until)


def _aged(seen_at: datetime, collector: Collector, words: str) -> tuple[Reason, datetime]:
    return Reason("stale", f"{words} since {_at(seen_at)}"), seen_at + FRESH[collector]


def _at(moment: datetime) -> str:
    return written(timezone.localdate(moment))


def words_of(why: Iterable[Sequence[str]]) -> list[str]:
    """Return the sentences of reasons as they are kept."""
    return [words for _code, words in why]


WORDS: Mapping[str, str] = {
    PACKAGE: "Packages",
    ECOSYSTEM: "Threats",
    INSPECTION: "Inspection",
    RUNTIME: "Runtime",
}
