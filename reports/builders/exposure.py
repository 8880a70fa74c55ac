"""What inherent tiers follow from, so that each can be worked out again from the paper: the facts and the table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vendors import tiers
from vendors.models import Deployment, Server
from vendors.models.deployment import ExposureFacts
from vendors.registering import exposure
from vendors.tiers import Exposure, ExposureFact


@dataclass(frozen=True, slots=True)
class FactEntry:
    """One of the eight exposure facts: its level and what that means; `counts_as` is the level by which it counts."""

    title: str
    level: str
    means: str
    counts_as: str


@dataclass(frozen=True, slots=True)
class FrozenFacts:
    """The facts of a deployment, or of the server itself, on the day on which the tier was frozen."""

    of: str
    facts: tuple[FactEntry, ...]


@dataclass(frozen=True, slots=True)
class ExposureRow:
    """A deployment, or a server without one, with its eight levels in the order of the table (empty: not known)."""

    server: str
    of: str
    what: str
    levels: tuple[str, ...]
    tier: int
    at_best: int


@dataclass(frozen=True, slots=True)
class TierRules:
    """The table of tiers: what counts in it, by which level an unknown fact counts, and the rules in their order."""

    version: int
    facts: tuple[str, ...]
    unknown: str
    rules: tuple[tuple[int, str], ...]


def table() -> TierRules:
    """Return the table by which tiers are worked out."""
    known = tiers.load()
    return TierRules(
        version=tiers.LATEST,
        facts=tuple(fact.title for fact in known.facts),
        unknown=known.unknown_counts_as.label,
        rules=tuple((rule.tier, rule.reason) for rule in known.rules),
    )


def facts(exposed: ExposureFacts) -> tuple[FactEntry, ...]:
    """Return the eight facts in the order of the tier table; one that nobody knows counts by its rule."""
    return _entries(exposed.facts)


def frozen(server: Server, snapshot: dict[str, Any]) -> tuple[FrozenFacts, ...]:
    """Return the facts that the frozen tier follows from; none where the same ones hold today."""
    was: dict[str, dict[str, str | None]] = snapshot["inherent_tier"]["facts"]
    if was == {row.ref: row.facts for row in exposure.counting(server)}:
        return ()
    return tuple(FrozenFacts(ref, _entries(levels)) for ref, levels in was.items())


def rows(server: Server) -> tuple[ExposureRow, ...]:
    """Return what the tier of a server follows from, a line for each current deployment."""
    return tuple(
        ExposureRow(
            server=server.ref,
            of=row.ref,
            what=f"{row.name} ({row.get_environment_display()})" if isinstance(row, Deployment) else row.title,
            levels=tuple(entry.level for entry in facts(row)),
            tier=row.inherent_tier,
            at_best=row.tier_at_best,
        )
        for row in exposure.counting(server)
    )


def _entries(levels: Mapping[str, str | None]) -> tuple[FactEntry, ...]:
    known = tiers.load()
    return tuple(_entry(fact, levels[fact.key], unknown=known.unknown_counts_as) for fact in known.facts)


def _entry(fact: ExposureFact, level: str | None, *, unknown: Exposure) -> FactEntry:
    if level is None:
        return FactEntry(fact.title, "", "", unknown.label)
    known = Exposure(level)
    return FactEntry(fact.title, known.label, fact.levels[known], known.label)
