"""The inherent tier: how much harm a deployment could do, from its exposure facts only. Pure.

A published table is a file `tiers-N.yaml` that never changes; the methodology of the scores names and holds it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

LATEST = 2
# The tiers and their words, the worst first.
TIERS = MappingProxyType({1: "Critical", 2: "High", 3: "Medium", 4: "Low"})


class UnknownFact(Exception):
    """A fact, or the level of one, is not in the tier table."""


class UnknownTierTable(Exception):
    """There is no tier table of this version."""


class Exposure(StrEnum):
    """How exposed one fact of a deployment makes us, the worst first."""

    SEVERE = "severe"
    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"

    @property
    def rank(self) -> int:
        """Return the place in the order: 0 is the worst."""
        return list(type(self)).index(self)

    @property
    def label(self) -> str:
        """Return the word for people, e.g. "Severe"."""
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class ExposureFact:
    """A fact of a deployment, with what each level means."""

    key: str
    title: str
    levels: Mapping[Exposure, str]


@dataclass(frozen=True, slots=True)
class TierRule:
    """A row of the tier table: at least `count` facts of `among` are at least at `level` (and `together_with` too)."""

    tier: int
    count: int
    level: Exposure
    among: tuple[str, ...]
    together_with: tuple[str, Exposure] | None
    reason: str


@dataclass(frozen=True, slots=True)
class TierTable:
    """How the inherent tier follows from the facts; the first rule that fits decides."""

    titles: Mapping[int, str]
    unknown_counts_as: Exposure
    facts: tuple[ExposureFact, ...]
    rules: tuple[TierRule, ...]


@dataclass(frozen=True, slots=True)
class Tiering:
    """An inherent tier (1 is worst) with the rule and the facts behind it, and the facts that nobody knows yet.

    `at_best` is the tier that it would have if all of those turned out as good as can be; without any it is the tier.
    """

    tier: int
    reason: str
    unknown: tuple[str, ...]
    at_best: int


def data(version: int = LATEST) -> dict[str, Any]:
    """Return the published tier table of this version as plain data. Raises UnknownTierTable when there is none."""
    path = Path(__file__).parent / f"tiers-{version}.yaml"
    if not path.is_file():
        raise UnknownTierTable(f"There is no tier table {version}.")
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


@cache
def load(version: int = LATEST) -> TierTable:
    """Return the published tier table of this version. Raises UnknownTierTable when there is none."""
    return parse(data(version))


def parse(rows: Mapping[str, Any]) -> TierTable:
    """Return the table that plain data describes. Raises KeyError, TypeError or ValueError when it is incomplete."""
    facts = tuple(
        ExposureFact(
            key=row["key"],
            title=row["title"],
            levels=MappingProxyType({Exposure(level): text for level, text in row["levels"].items()}),
        )
        for row in rows["facts"]
    )
    return TierTable(
        titles=MappingProxyType({int(tier): title for tier, title in rows["titles"].items()}),
        unknown_counts_as=Exposure(rows["unknown_counts_as"]),
        facts=facts,
        rules=tuple(_rule(row, tuple(fact.key for fact in facts)) for row in rows["rules"]),
    )


def inherent_tier(facts: Mapping[str, str | None], table: TierTable) -> Tiering:
    """Return the tier that the first fitting rule gives, with the facts that make it fit.

    `facts` maps fact keys to low, moderate, high or severe; a fact that is None or absent counts as the table's level
    for unknown ones and is listed in `unknown`. From version 2 on that is the worst, so that learning a fact never
    makes the tier worse than it was shown. Raises UnknownFact for another key or level.
    """
    unknown = tuple(fact.key for fact in table.facts if facts.get(fact.key) is None)
    rule, behind = _first_fitting(_levels(facts, table, unknown=table.unknown_counts_as), table)
    best, _behind = _first_fitting(_levels(facts, table, unknown=Exposure.LOW), table)
    named = ", ".join(fact.title + (" (unknown)" if fact.key in unknown else "") for fact in behind)
    return Tiering(rule.tier, f"{rule.reason}: {named}." if named else f"{rule.reason}.", unknown, best.tier)


def _rule(row: Mapping[str, Any], every: tuple[str, ...]) -> TierRule:
    also = row.get("together_with")
    return TierRule(
        tier=row["tier"],
        count=row["count"],
        level=Exposure(row["level"]),
        among=tuple(row.get("among", every)),
        together_with=(also["fact"], Exposure(also["level"])) if also else None,
        reason=row["reason"],
    )


def _first_fitting(levels: dict[str, Exposure], table: TierTable) -> tuple[TierRule, list[ExposureFact]]:
    return next((rule, behind) for rule in table.rules if (behind := _fitting(rule, levels, table)) is not None)


def _levels(facts: Mapping[str, str | None], table: TierTable, *, unknown: Exposure) -> dict[str, Exposure]:
    known = {fact.key for fact in table.facts}
    strangers = sorted(set(facts) - known)
    if strangers:
        raise UnknownFact(f"There is no exposure fact {', '.join(strangers)}.")
    return {key: _level(key, facts.get(key), unknown=unknown) for key in known}


def _level(key: str, word: str | None, *, unknown: Exposure) -> Exposure:
    if word is None:
        return unknown
    try:
        return Exposure(word)
    except ValueError as error:
        raise UnknownFact(f"{key} cannot be {word!r}; it is low, moderate, high or severe.") from error


def _fitting(rule: TierRule, levels: Mapping[str, Exposure], table: TierTable) -> list[ExposureFact] | None:
    """Return the facts that make the rule fit, none for the last one; None when it does not fit."""
    if rule.count == 0:
        return []
    behind = {key for key in rule.among if levels[key].rank <= rule.level.rank}
    if len(behind) < rule.count:
        return None
    if rule.together_with is not None:
        also, level = rule.together_with
        if levels[also].rank > level.rank:
            return None
        behind.add(also)
    return [fact for fact in table.facts if fact.key in behind]
