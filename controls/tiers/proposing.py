"""Which governance tier is proposed for a deployment, from its inherent tier, autonomy and data. Pure."""

from dataclasses import dataclass

from controls.tiers.tables import ProposalRule, Table
from vendors.tiers import Exposure

_AUTONOMY, _DATA = "Autonomy", "Data reached"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A governance tier (3 asks for most) with its reason in words, and the facts that nobody knows.

    `at_best` is the tier that would be proposed if those turned out as good as can be; without any it is the tier.
    """

    tier: int
    reason: str
    unknown: tuple[str, ...]
    at_best: int

    @property
    def words(self) -> str:
        """Return the reason with what is not known and what it would be then, in sentences."""
        if not self.unknown:
            return self.reason
        facts = " and ".join(self.unknown)
        counts = "is not known, so it counts" if len(self.unknown) == 1 else "are not known, so they count"
        best = f" At best it would be tier {self.at_best}." if self.at_best != self.tier else ""
        return f"{self.reason} {facts} {counts} as severe.{best}"


def propose(inherent_tier: int, *, autonomy: str, data_reached: str, table: Table, tier_at_best: int = 0) -> Proposal:
    """Return the tier that the first fitting rule gives.

    `autonomy` and `data_reached` are low, moderate, high or severe; an empty one is not known and counts as severe, as
    it does in the inherent tier. `tier_at_best` is the inherent tier if all facts were as good as can be.
    """
    unknown = tuple(title for title, level in ((_AUTONOMY, autonomy), (_DATA, data_reached)) if not level)
    worst = _first_fitting(
        table, inherent_tier, _level(autonomy, Exposure.SEVERE), _level(data_reached, Exposure.SEVERE)
    )
    best_tier = tier_at_best or inherent_tier
    best = _first_fitting(table, best_tier, _level(autonomy, Exposure.LOW), _level(data_reached, Exposure.LOW))
    return Proposal(worst.tier, f"{worst.reason}.", unknown, best.tier)


def _level(word: str, unknown: Exposure) -> Exposure:
    return Exposure(word) if word else unknown


def _first_fitting(table: Table, inherent_tier: int, autonomy: Exposure, data_reached: Exposure) -> ProposalRule:
    return next(rule for rule in table.proposal if _fits(rule, inherent_tier, autonomy, data_reached))


def _fits(rule: ProposalRule, inherent_tier: int, autonomy: Exposure, data_reached: Exposure) -> bool:
    if rule.inherent_tier is not None and inherent_tier > rule.inherent_tier:
        return False
    if rule.autonomy is not None and autonomy.rank > rule.autonomy.rank:
        return False
    return rule.data_reached is None or data_reached.rank <= rule.data_reached.rank
