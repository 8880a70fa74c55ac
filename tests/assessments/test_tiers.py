"""Inherent tier and residual risk, row by row."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.scales import Band, Exposure, Residual
from assessments.tiers import UnknownFact, inherent_tier, residual_risk, server_tier
from tests.assessments.answers import METHOD

FACTS = [fact.key for fact in METHOD.tiers.facts]
LEVELS = ["low", "moderate", "high", "severe"]
levels = st.sampled_from([*LEVELS, None])
fact_sets = st.fixed_dictionaries(dict.fromkeys(FACTS, levels))


def facts(**known: str | None) -> dict[str, str | None]:
    """Return all eight facts, low unless named."""
    return dict.fromkeys(FACTS, "low") | known


def tier(**known: str | None) -> tuple[int, str]:
    tiering = inherent_tier(facts(**known), METHOD)
    return tiering.tier, tiering.reason


class TestRows:
    def test_two_facts_severe(self) -> None:
        assert tier(egress="severe", dependents="severe") == (1, "At least two facts are severe: Egress, Dependents.")

    @pytest.mark.parametrize("fact", ["data_reached", "tool_power", "autonomy"])
    @pytest.mark.parametrize(
        ("criticality", "expected"), [("low", 2), ("moderate", 2), ("high", 1), (None, 1), ("severe", 1)]
    )
    def test_data_tool_or_autonomy_severe_needs_criticality(
        self, fact: str, criticality: str | None, expected: int
    ) -> None:
        assert tier(**{fact: "severe", "business_criticality": criticality})[0] == expected

    def test_the_reason_names_both_facts(self) -> None:
        assert tier(tool_power="severe", business_criticality="high") == (
            1,
            "Data, tool or autonomy is severe, with business criticality at least high: "
            "Most powerful tool, Business criticality.",
        )

    @pytest.mark.parametrize("fact", ["credentials", "operator", "egress", "dependents"])
    def test_another_severe_fact_with_criticality_is_tier_2(self, fact: str) -> None:
        assert tier(**{fact: "severe", "business_criticality": "high"})[0] == 2

    @pytest.mark.parametrize("fact", FACTS)
    def test_one_fact_severe(self, fact: str) -> None:
        tiering = inherent_tier(facts(**{fact: "severe"}), METHOD)
        assert tiering.tier == 2
        assert tiering.reason.startswith("One fact is severe: ")

    def test_three_facts_high(self) -> None:
        assert tier(egress="high", operator="high", credentials="high") == (
            2,
            "At least three facts are high: Credentials held, Who runs it, Egress.",
        )

    @pytest.mark.parametrize("fact", FACTS)
    def test_one_fact_high(self, fact: str) -> None:
        assert tier(**{fact: "high"})[0] == 3

    def test_two_facts_high(self) -> None:
        assert tier(egress="high", operator="high") == (3, "At least one fact is high: Who runs it, Egress.")

    def test_three_facts_moderate(self) -> None:
        assert tier(egress="moderate", operator="moderate", autonomy="moderate") == (
            3,
            "At least three facts are moderate: Autonomy, Who runs it, Egress.",
        )

    def test_otherwise(self) -> None:
        reason = "Fewer than three facts are moderate and none is higher."
        assert tier() == tier(egress="moderate", operator="moderate") == (4, reason)


def as_the_table_says(levels: dict[str, str]) -> int:
    """Work the tier out by counting, without the methodology's rules."""
    severe, high, moderate = (
        sum(level == word for level in levels.values()) for word in ("severe", "high", "moderate")
    )
    dangerous = "severe" in (levels["data_reached"], levels["tool_power"], levels["autonomy"])
    if severe >= 2 or (dangerous and levels["business_criticality"] in ("high", "severe")):
        return 1
    if severe or high >= 3:
        return 2
    return 3 if high or moderate >= 3 else 4


def test_every_combination_of_four_telling_facts_gives_the_tier_of_the_table() -> None:
    telling = ["data_reached", "egress", "autonomy", "business_criticality"]
    for combination in product([*LEVELS, None], repeat=4):
        known = facts(**dict(zip(telling, combination, strict=True)))
        counted = {key: level or "high" for key, level in known.items()}
        assert inherent_tier(known, METHOD).tier == as_the_table_says(counted), combination


class TestUnknown:
    def test_counts_as_high_and_is_listed(self) -> None:
        tiering = inherent_tier(facts(autonomy=None), METHOD)
        assert (tiering.tier, tiering.unknown) == (3, ("autonomy",))
        assert tiering.reason == "At least one fact is high: Autonomy (unknown)."

    def test_knowing_nothing_is_tier_2_and_the_reason_fits_its_column(self) -> None:
        tiering = inherent_tier({}, METHOD)
        assert (tiering.tier, tiering.unknown) == (2, tuple(FACTS))
        assert len(tiering.reason) <= 250

    @settings(max_examples=100, deadline=None)
    @given(fact_sets, st.sampled_from(FACTS))
    def test_never_makes_the_tier_better_than_a_known_low_or_moderate(
        self, known: dict[str, str | None], fact: str
    ) -> None:
        unknown = inherent_tier(known | {fact: None}, METHOD).tier
        assert unknown == inherent_tier(known | {fact: "high"}, METHOD).tier
        assert unknown <= inherent_tier(known | {fact: "moderate"}, METHOD).tier

    @settings(max_examples=100, deadline=None)
    @given(fact_sets, st.sampled_from(FACTS))
    def test_more_exposure_never_makes_the_tier_better(self, known: dict[str, str | None], fact: str) -> None:
        tiers = [inherent_tier(known | {fact: level}, METHOD).tier for level in LEVELS]
        assert tiers == sorted(tiers, reverse=True)


def test_refuses_a_fact_or_a_level_that_is_not_in_the_table() -> None:
    with pytest.raises(UnknownFact, match="no exposure fact charm"):
        inherent_tier({"charm": "low"}, METHOD)
    with pytest.raises(UnknownFact, match="egress cannot be ''"):
        inherent_tier({"egress": ""}, METHOD)


def test_a_server_shows_the_worst_tier_of_its_deployments() -> None:
    own = facts(egress="severe", dependents="severe")
    assert server_tier([facts(), facts(egress="severe"), facts(egress="high")], own, METHOD).tier == 2


def test_a_server_without_deployments_is_rated_on_its_own_facts() -> None:
    assert server_tier([], facts(egress="severe", dependents="severe"), METHOD).tier == 1


@pytest.mark.parametrize(
    ("tier", "row"),
    [
        (1, ["medium", "high", "critical", "critical"]),
        (2, ["low", "medium", "high", "critical"]),
        (3, ["low", "low", "medium", "high"]),
        (4, ["low", "low", "low", "medium"]),
    ],
)
def test_residual_risk_is_looked_up(tier: int, row: list[str]) -> None:
    bands = [Band.STRONG, Band.ADEQUATE, Band.WEAK, Band.UNACCEPTABLE]
    assert [residual_risk(tier, band, METHOD) for band in bands] == [Residual(word) for word in row]
    assert residual_risk(tier, Band.NOT_ASSESSED, METHOD) is Residual.NOT_ASSESSED


def test_the_scales_rank_the_worst_first() -> None:
    assert Residual.NOT_ASSESSED.rank == Band.NOT_ASSESSED.rank == Exposure.SEVERE.rank == 0
    assert [one.rank for one in Residual] == [0, 1, 2, 3, 4]
    assert Band.NOT_ASSESSED.label == "Not assessed"
