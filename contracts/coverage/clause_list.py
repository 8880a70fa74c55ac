"""The clauses that contracts are read for, with what is demanded of them, as versioned data. Pure.

A published version is a file `data/clauses-N.yaml` that never changes. It holds the whole list, or what is other than
in the version that it is `over`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any

from catalogue import files
from contracts.coverage import measures
from contracts.law import FOLDER, SCHEMA
from scoring.scales import Severity

LATEST = 2
TIERS = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Bound:
    """How strong a clause must be, in its own unit: at most, at least, or nothing but there (both None)."""

    at_most: Decimal | None = None
    at_least: Decimal | None = None

    @property
    def is_open(self) -> bool:
        """Return whether it is enough that the clause is there."""
        return self.at_most is None and self.at_least is None

    def holds(self, value: Decimal) -> bool:
        """Return whether a value is strong enough."""
        return (self.at_most is None or value <= self.at_most) and (self.at_least is None or value >= self.at_least)


@dataclass(frozen=True, slots=True)
class Source:
    """A rule of the law that speaks of a clause; `demand` is what it demands, None where it is there to read."""

    rule: str
    article: str
    demand: Bound | None


@dataclass(frozen=True, slots=True)
class ClauseType:
    """A clause that contracts can have; without a unit it is there or not, without `better` its value is not compared.

    `lowest` and `highest` are what is plausible in its unit; `policy` is what the organisation demands by tier.
    """

    key: str
    group: str
    title: str
    asks: str
    unit: str
    accepts: tuple[str, ...]
    better: str
    lowest: Decimal | None
    highest: Decimal | None
    sources: tuple[Source, ...]
    policy: Mapping[int, Bound]

    def is_plausible(self, value: Decimal, unit: str) -> bool:
        """Return whether a value can be meant. Raises NotComparable for a unit that is not one of the clause."""
        own = measures.converted(value, unit, to=self.unit)
        return (self.lowest is None or own >= self.lowest) and (self.highest is None or own <= self.highest)


@dataclass(frozen=True, slots=True)
class ClauseList:
    """All clauses of one version, with their groups; and by tier where a contract is demanded, and how bad a gap is."""

    version: int
    groups: Mapping[str, str]
    clauses: Mapping[str, ClauseType]
    contract_tiers: frozenset[int]
    contract_severity: Mapping[int, Severity]
    severity: Mapping[int, Severity]
    severity_by_law: Severity


@cache
def load(version: int = LATEST) -> ClauseList:
    """Return a published version. Raises CatalogueError for a file that is missing or of another shape."""
    return parse(_whole(version))


def parse(document: Mapping[str, Any]) -> ClauseList:
    """Return what plain data says."""
    return ClauseList(
        version=document["version"],
        groups=MappingProxyType({row["key"]: row["title"] for row in document["groups"]}),
        clauses=MappingProxyType({row["key"]: _clause(row) for row in document["clauses"]}),
        contract_tiers=frozenset(document["contract"]["tiers"]),
        contract_severity=_severities(document["contract"]["severity"]),
        severity=_severities({tier: word for tier, word in document["severity"].items() if tier in TIERS}),
        severity_by_law=Severity.of(document["severity"]["law"]),
    )


def _whole(version: int) -> Mapping[str, Any]:
    """Return a version as plain data, laid over the one that it changes, if any."""
    document = files.read(FOLDER / f"clauses-{version}.yaml", "clause_file", schema=SCHEMA)
    if "over" not in document:
        return document
    below = _whole(document["over"])
    clauses = {row["key"]: row for row in (*below["clauses"], *document["clauses"])}
    groups = [row["key"] for row in below["groups"]]
    # What is new stands with its group: the order of the list is that in which people read it.
    in_order = sorted(clauses.values(), key=lambda row: groups.index(row["group"]))
    return {**below, **document, "clauses": in_order}


def _clause(row: Mapping[str, Any]) -> ClauseType:
    return ClauseType(
        key=row["key"],
        group=row["group"],
        title=row["title"],
        asks=row["asks"],
        unit=row.get("unit", ""),
        accepts=tuple(row.get("accepts", ())),
        better=row.get("better", ""),
        lowest=_number(row.get("from")),
        highest=_number(row.get("to")),
        sources=tuple(_source(one) for one in row["sources"]),
        policy=MappingProxyType({tier: _bound(one) for tier, one in row["policy"].items()}),
    )


def _source(row: Mapping[str, Any]) -> Source:
    return Source(row["rule"], row["article"], _bound(row) if row.get("demands") else None)


def _bound(row: Mapping[str, Any]) -> Bound:
    return Bound(at_most=_number(row.get("at_most")), at_least=_number(row.get("at_least")))


def _number(value: float | None) -> Decimal | None:
    # By its digits: 99.9 is no sum of powers of two.
    return None if value is None else Decimal(str(value))


def _severities(by_tier: Mapping[int, str]) -> Mapping[int, Severity]:
    return MappingProxyType({tier: Severity.of(word) for tier, word in by_tier.items()})
