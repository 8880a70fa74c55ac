"""Inherent tier, row by row."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tables import for_each
from vendors import tiers as tier_tables
from vendors.models.deployment import FACTS as COLUMNS
from vendors.tiers import Exposure, UnknownFact, UnknownTierTable, inherent_tier

FORMER, TABLE = tier_tables.load(1), tier_tables.load()
FACTS = [fact.key for fact in TABLE.facts]
LEVELS = ["low", "moderate", "high", "severe"]
levels = st.sampled_from([*LEVELS, None])
fact_sets = st.fixed_dictionaries(dict.fromkeys(FACTS, levels))


def facts(**known: str | None) -> dict[str, str | None]:
    """Return all eight facts, low unless named."""
    return dict.fromkeys(FACTS, "low") | known


def tier(**known: str | None) -> tuple[int, str]:
    tiering = inherent_tier(facts(**known), TABLE)
    return tiering.tier, tiering.reason


class TestRows:
    def test_two_facts_severe(self) -> None:
        assert tier(egress="severe", dependents="severe") == (1, "At least two facts are severe: Egress, Dependents.")

    @for_each("fact", ["data_reached", "tool_power", "autonomy"])
    @for_each(("criticality", "expected"), [("low", 2), ("moderate", 2), ("high", 1), (None, 1), ("severe", 1)])
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

    @for_each("fact", ["credentials", "operator", "egress", "dependents"])
    def test_another_severe_fact_with_criticality_is_tier_2(self, fact: str) -> None:
        assert tier(**{fact: "severe", "business_criticality": "high"})[0] == 2

    @for_each("fact", FACTS)
    def test_one_fact_severe(self, fact: str) -> None:
        tiering = inherent_tier(facts(**{fact: "severe"}), TABLE)
        assert tiering.tier == 2
        assert tiering.reason.startswith("One fact is severe: ")

    def test_three_facts_high(self) -> None:
        assert tier(egress="high", operator="high", credentials="high") == (
            2,
            "At least three facts are high: Credentials held, Who runs it, Egress.",
        )

    @for_each("fact", FACTS)
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
        for table, unknown in ((FORMER, "high"), (TABLE, "severe")):
            counted = {key: level or unknown for key, level in known.items()}
            assert inherent_tier(known, table).tier == as_the_table_says(counted), combination


class TestUnknown:
    def test_counts_as_severe_and_is_listed(self) -> None:
        tiering = inherent_tier(facts(autonomy=None), TABLE)
        assert (tiering.tier, tiering.at_best, tiering.unknown) == (2, 4, ("autonomy",))
        assert tiering.reason == "One fact is severe: Autonomy (unknown)."

    def test_knowing_nothing_is_anything_from_tier_1_to_4_and_the_reason_fits_its_column(self) -> None:
        tiering = inherent_tier({}, TABLE)
        assert (tiering.tier, tiering.at_best, tiering.unknown) == (1, 4, tuple(FACTS))
        assert len(tiering.reason) <= 250

    def test_data_and_criticality_left_open_are_as_bad_as_they_can_be(self) -> None:
        known = {"data_reached": None, "business_criticality": None}
        assert inherent_tier(facts(**known), TABLE).tier == 1
        assert inherent_tier(facts(**known), FORMER).tier == 3
        assert inherent_tier(facts(data_reached="severe", business_criticality="severe"), FORMER).tier == 1

    def test_without_a_gap_the_tier_is_one(self) -> None:
        tiering = inherent_tier(facts(egress="severe"), TABLE)
        assert (tiering.tier, tiering.at_best, tiering.unknown) == (2, 2, ())

    @settings(max_examples=300)
    @given(fact_sets, st.sampled_from(FACTS), st.sampled_from(LEVELS))
    def test_learning_a_fact_never_makes_the_tier_worse_than_it_was_shown_nor_better_than_at_best(
        self, known: dict[str, str | None], fact: str, level: str
    ) -> None:
        before = inherent_tier(known | {fact: None}, TABLE)
        after = inherent_tier(known | {fact: level}, TABLE)
        assert before.tier <= after.tier <= after.at_best <= before.at_best

    @settings(max_examples=100)
    @given(fact_sets)
    def test_the_tier_and_the_one_at_best_are_those_of_the_worst_and_of_the_best_truth(
        self, known: dict[str, str | None]
    ) -> None:
        tiering = inherent_tier(known, TABLE)
        worst = {fact: level or "severe" for fact, level in known.items()}
        best = {fact: level or "low" for fact, level in known.items()}
        assert (tiering.tier, tiering.at_best) == (as_the_table_says(worst), as_the_table_says(best))

    @settings(max_examples=100)
    @given(fact_sets, st.sampled_from(FACTS))
    def test_more_exposure_never_makes_the_tier_better(self, known: dict[str, str | None], fact: str) -> None:
        tiers = [inherent_tier(known | {fact: level}, TABLE).tier for level in LEVELS]
        assert tiers == sorted(tiers, reverse=True)


def test_refuses_a_fact_or_a_level_that_is_not_in_the_table() -> None:
    with pytest.raises(UnknownFact, match="no exposure fact charm"):
        inherent_tier({"charm": "low"}, TABLE)
    with pytest.raises(UnknownFact, match="egress cannot be ''"):
        inherent_tier({"egress": ""}, TABLE)


def test_refuses_a_table_that_was_never_published() -> None:
    with pytest.raises(UnknownTierTable, match="no tier table 99"):
        tier_tables.load(99)


def test_the_facts_of_the_table_are_the_columns_of_a_deployment() -> None:
    assert sorted(FACTS) == sorted(COLUMNS)
    assert [level.value for level in Exposure] == LEVELS[::-1]
    assert Exposure.SEVERE.rank == 0
