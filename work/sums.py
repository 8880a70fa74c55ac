"""What figures are made of: sums over rows, which add up over the parts of a register. No query."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import orjson


@dataclass(frozen=True, slots=True)
class Lowest:
    """The lowest score in a dimension, and the server with it that has the smallest number."""

    percent: Decimal
    number: int
    server: UUID


class LevelsCell(NamedTuple):
    """How servers stand that stand alike: the state on each level that is kept, and whether there is something
    exploited, and something malicious, among their packages.
    """

    package: str
    ecosystem: str
    inspection: str
    exploited: bool
    malicious: bool


@dataclass(slots=True)
class Sums:
    """Sums over some rows of a register.

    `servers` has how many there are, are approved and are worse than approved, by tier, residual risk and whether they
    are in use; `levels` how many there are by how they stand on the levels of the supply chain; `findings` those being
    fixed by owner, severity, whether they are late, and age group; `opened` and `closed` findings by month;
    `vulnerabilities` those in packages that are being fixed by severity, where they stand against their due day, and
    age group, `found_lately` how many were found within a week, and `mended` how many were closed within 90 days by
    severity, with the seconds that took together; `scores` the sum of the known scores of a dimension and how many
    there are.
    """

    servers: dict[tuple[int, str, bool], tuple[int, int, int]] = field(default_factory=dict)
    levels: Counter[LevelsCell] = field(default_factory=Counter)
    findings: Counter[tuple[UUID | None, int, bool, int]] = field(default_factory=Counter)
    opened: Counter[int] = field(default_factory=Counter)
    closed: Counter[int] = field(default_factory=Counter)
    vulnerabilities: Counter[tuple[int, str, int]] = field(default_factory=Counter)
    found_lately: int = 0
    mended: dict[int, tuple[int, int]] = field(default_factory=dict)
    reviews_overdue: int = 0
    acceptances_expiring: int = 0
    scores: dict[str, tuple[Decimal, int]] = field(default_factory=dict)
    lowest: dict[str, Lowest] = field(default_factory=dict)

    def add(self, other: "Sums") -> None:
        """Take in the sums over other rows."""
        for cell, counts in other.servers.items():
            self.add_servers(cell, counts)
        self.levels += other.levels
        self.findings += other.findings
        self.opened += other.opened
        self.closed += other.closed
        self.vulnerabilities += other.vulnerabilities
        self.found_lately += other.found_lately
        for severity, (count, seconds) in other.mended.items():
            self.add_mended(severity, count, seconds)
        self.reviews_overdue += other.reviews_overdue
        self.acceptances_expiring += other.acceptances_expiring
        for key, (total, count) in other.scores.items():
            before, counted = self.scores.get(key, (Decimal(0), 0))
            self.scores[key] = before + total, counted + count
        for key, lowest in other.lowest.items():
            self.see(key, lowest)

    def add_servers(self, cell: tuple[int, str, bool], counts: tuple[int, int, int]) -> None:
        """Take in servers of a tier and residual risk, in use or not."""
        a, b, c = self.servers.get(cell, (0, 0, 0))
        self.servers[cell] = a + counts[0], b + counts[1], c + counts[2]

    def add_mended(self, severity: int, count: int, seconds: int) -> None:
        """Take in vulnerabilities of a severity that were mended, and how long that took together."""
        before, took = self.mended.get(severity, (0, 0))
        self.mended[severity] = before + count, took + seconds

    def see(self, key: str, one: Lowest) -> None:
        """Take in a server with a low score in a dimension."""
        known = self.lowest.get(key)
        if known is None or (one.percent, one.number) < (known.percent, known.number):
            self.lowest[key] = one

    def plain(self) -> dict[str, Any]:
        """Return the same as JSON has it."""
        return {
            "servers": [[*cell, *counts] for cell, counts in self.servers.items()],
            "levels": [[*cell, n] for cell, n in self.levels.items()],
            "findings": [[owner and owner.hex, *rest, n] for (owner, *rest), n in self.findings.items()],
            "opened": list(self.opened.items()),
            "closed": list(self.closed.items()),
            "vulnerabilities": [[*cell, n] for cell, n in self.vulnerabilities.items()],
            "found_lately": self.found_lately,
            "mended": [[severity, *counts] for severity, counts in self.mended.items()],
            "reviews_overdue": self.reviews_overdue,
            "acceptances_expiring": self.acceptances_expiring,
            "scores": [[key, str(total), count] for key, (total, count) in self.scores.items()],
            "lowest": [[key, str(one.percent), one.number, one.server.hex] for key, one in self.lowest.items()],
        }


def read(plain: dict[str, Any]) -> Sums:
    """Return sums from what `Sums.plain` said."""
    return Sums(
        servers={(tier, residual, used): tuple(counts) for tier, residual, used, *counts in plain["servers"]},
        levels=Counter({LevelsCell(*cell): n for *cell, n in plain["levels"]}),
        findings=Counter(
            {(owner and UUID(owner), severity, late, age): n for owner, severity, late, age, n in plain["findings"]}
        ),
        opened=Counter(dict(plain["opened"])),
        closed=Counter(dict(plain["closed"])),
        vulnerabilities=Counter({(severity, due, age): n for severity, due, age, n in plain["vulnerabilities"]}),
        found_lately=plain["found_lately"],
        mended={severity: (count, seconds) for severity, count, seconds in plain["mended"]},
        reviews_overdue=plain["reviews_overdue"],
        acceptances_expiring=plain["acceptances_expiring"],
        scores={key: (Decimal(total), count) for key, total, count in plain["scores"]},
        lowest={
            key: Lowest(Decimal(percent), number, UUID(server)) for key, percent, number, server in plain["lowest"]
        },
    )


def total(parts: Iterable[Sums]) -> Sums:
    """Return the sums over all parts."""
    found = Sums()
    for part in parts:
        found.add(part)
    return found


def written(values: object) -> str:
    """Return plain values as text."""
    return orjson.dumps(values).decode()
