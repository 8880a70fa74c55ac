"""Which controls each governance tier asks for, and which tier is proposed for a deployment. Pure: no Django, no clock.

A published table is a file `mi-20-N.yaml` that never changes. It holds both revisions of the framework: they have tiers
1 and 2 the other way round, so that a tier means nothing without its revision.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from vendors.tiers import Exposure

LATEST = 1
TIERS = (1, 2, 3)


class UnknownTable(Exception):
    """There is no table of this version, or it has no such revision."""


def section_of(ref: str) -> str:
    """Return the section that a control stands in by its reference, e.g. "MI-20.2" of "MI-20.2.1"."""
    return ref.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Demand:
    """A control that a tier asks for: since which tier, and why, where the text does not name it ("": it does)."""

    ref: str
    since: int
    why: str = ""

    @property
    def is_named(self) -> bool:
        """Return whether the text of the tier itself names it; if not, it is our reading."""
        return not self.why

    @property
    def section(self) -> str:
        """Return the section that it stands in."""
        return section_of(self.ref)


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier of one revision: what it is, for which use, and all that it asks for, that of the tiers below included."""

    number: int
    title: str
    meant_for: str
    demands: tuple[Demand, ...]

    @property
    def refs(self) -> tuple[str, ...]:
        """Return the references of all controls that it asks for."""
        return tuple(demand.ref for demand in self.demands)


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of the framework with its tiers."""

    key: str
    title: str
    note: str
    tiers: Mapping[int, Tier]


@dataclass(frozen=True, slots=True)
class ProposalRule:
    """A row of the proposal: it fits what is at least as bad as all that it names."""

    tier: int
    reason: str
    inherent_tier: int | None
    autonomy: Exposure | None
    data_reached: Exposure | None


@dataclass(frozen=True, slots=True)
class Table:
    """A published table: the framework, sections by name, days of work by control, revisions, and the proposal."""

    framework: str
    sections: Mapping[str, str]
    effort: Mapping[str, int]
    revisions: Mapping[str, Revision]
    proposal: tuple[ProposalRule, ...]

    def revision(self, key: str) -> Revision:
        """Return a revision. Raises UnknownTable when there is none with this key."""
        if key not in self.revisions:
            raise UnknownTable(f"There is no revision {key!r}; there are {', '.join(self.revisions)}.")
        return self.revisions[key]

    @property
    def latest(self) -> Revision:
        """Return the newest revision."""
        return list(self.revisions.values())[-1]


def data(version: int = LATEST) -> dict[str, Any]:
    """Return the published table of this version as plain data. Raises UnknownTable when there is none."""
    path = Path(__file__).parent / f"mi-20-{version}.yaml"
    if not path.is_file():
        raise UnknownTable(f"There is no table of the governance tiers {version}.")
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


@cache
def load(version: int = LATEST) -> Table:
    """Return the published table of this version. Raises UnknownTable when there is none."""
    return parse(data(version))


def parse(rows: Mapping[str, Any]) -> Table:
    """Return the table that plain data describes. Raises KeyError, TypeError or ValueError when it is incomplete."""
    order = {ref: place for place, ref in enumerate(rows["effort"])}
    return Table(
        framework=rows["framework"],
        sections=MappingProxyType(dict(rows["titles"])),
        effort=MappingProxyType({ref: int(days) for ref, days in rows["effort"].items()}),
        revisions=MappingProxyType({row["key"]: _revision(row, order) for row in rows["revisions"]}),
        proposal=tuple(_rule(row) for row in rows["proposal"]),
    )


def _revision(row: Mapping[str, Any], order: Mapping[str, int]) -> Revision:
    tiers: dict[int, Tier] = {}
    kept: dict[str, Demand] = {}
    for number in TIERS:
        entry = row["tiers"][number]
        kept = {ref: demand for ref, demand in kept.items() if ref not in entry.get("without", ())}
        kept |= {ref: Demand(ref, number) for ref in entry["named"]}
        kept |= {ref: Demand(ref, number, why) for ref, why in entry["read"].items()}
        demands = tuple(sorted(kept.values(), key=lambda demand: order[demand.ref]))
        tiers[number] = Tier(number, entry["title"], entry["for"], demands)
    return Revision(row["key"], row["title"], " ".join(row["note"].split()), MappingProxyType(tiers))


def _rule(row: Mapping[str, Any]) -> ProposalRule:
    return ProposalRule(
        tier=row["tier"],
        reason=row["reason"],
        inherent_tier=row.get("inherent_tier"),
        autonomy=Exposure(row["autonomy"]) if "autonomy" in row else None,
        data_reached=Exposure(row["data_reached"]) if "data_reached" in row else None,
    )
