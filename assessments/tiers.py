"""Inherent tier from exposure facts, and residual risk from tier and assurance band: two printed look-ups."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assessments.methodology import ExposureFact, Methodology, TierRule, TierTable
from assessments.scales import Band, Exposure, Residual


class UnknownFact(Exception):
    """A fact, or the level of one, is not in the methodology's table."""


@dataclass(frozen=True, slots=True)
class Tiering:
    """An inherent tier (1 is worst) with the rule and the facts behind it, and the facts that nobody knows yet."""

    tier: int
    reason: str
    unknown: tuple[str, ...]


def inherent_tier(facts: Mapping[str, str | None], methodology: Methodology) -> Tiering:
    """Return the tier that the first fitting rule gives, with the facts that make it fit.

    `facts` maps fact keys to low, moderate, high or severe; a fact that is None or absent counts as the methodology's
    level for unknown ones and is listed in `unknown`. Raises UnknownFact for another key or level.
    """
    table = methodology.tiers
    levels = _levels(facts, table)
    unknown = tuple(fact.key for fact in table.facts if facts.get(fact.key) is None)
    rule, behind = next((rule, behind) for rule in table.rules if (behind := _fitting(rule, levels, table)) is not None)
    named = ", ".join(fact.title + (" (unknown)" if fact.key in unknown else "") for fact in behind)
    return Tiering(rule.tier, f"{rule.reason}: {named}." if named else f"{rule.reason}.", unknown)


def server_tier(
    deployments: Iterable[Mapping[str, str | None]], own_facts: Mapping[str, str | None], methodology: Methodology
) -> Tiering:
    """Return the worst tier of a server's deployments (the first of equals), or of its own facts when it has none."""
    tierings = [inherent_tier(facts, methodology) for facts in deployments]
    return min(tierings, key=lambda tiering: tiering.tier) if tierings else inherent_tier(own_facts, methodology)


def residual_risk(tier: int, band: Band, methodology: Methodology) -> Residual:
    """Return what risk is left; not assessed stays not assessed. Raises KeyError for a tier that does not exist."""
    if band is Band.NOT_ASSESSED:
        return Residual.NOT_ASSESSED
    return methodology.residual[tier, band]


def _levels(facts: Mapping[str, str | None], table: TierTable) -> dict[str, Exposure]:
    known = {fact.key for fact in table.facts}
    strangers = sorted(set(facts) - known)
    if strangers:
        raise UnknownFact(f"There is no exposure fact {', '.join(strangers)}.")
    return {key: _level(key, facts.get(key), table) for key in known}


def _level(key: str, word: str | None, table: TierTable) -> Exposure:
    if word is None:
        return table.unknown_counts_as
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
