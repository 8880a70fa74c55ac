"""What is demanded at which tier and by which law, and how what the contracts say stands to it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from contracts import law
from contracts.coverage import clause_list, demands, judging, looking
from contracts.coverage.agreed import Statement
from contracts.coverage.demands import Scope, UnitFacts
from contracts.coverage.judging import Judgement, Party, Situation
from findings.observed.gaps import Gap
from scoring.scales import Severity
from tests.tables import for_each

LIST, CODE = clause_list.load(), law.load()
TODAY = date(2026, 11, 29)
NOTHING = dict.fromkeys(looking._NOT_KNOWN, "none")
BANK = NOTHING | {"financial": "credit_institution"}
NOT_FOR_LAW = {"critical_function": "none", "vendor_personal_data": "none"}


def scope(tier: int | None, facts: Mapping[str, str] = NOTHING, **of_vendor: str) -> Scope:
    return Scope(tier, [UnitFacts("Payments", facts)], NOT_FOR_LAW | of_vendor)


def judged(of: Scope, **statements: Statement) -> dict[str, Judgement]:
    demanded = demands.of_all(LIST, CODE, of, words=looking.WORDS, today=TODAY)
    return {one.clause.key: one for one in judging.judge(LIST, demanded, statements)}


def gaps(of: Scope, *, holds: tuple[str, ...] = ("CO-1",), statements: Any = None, **situation: Any) -> list[Gap]:
    how: dict[str, Any] = {"vendor": "Acme", "others": (), "is_used": True, "is_commercial": True} | situation
    return judging.gaps(LIST, of, Situation(holds=holds, **how), list(judged(of, **(statements or {})).values()))


def notice(value: float | None, unit: str = "hours", present: str = "yes") -> Statement:
    return Statement("CO-1", present, None if value is None else Decimal(str(value)), unit, page=12)


@for_each(
    "tier, statement, verdict",
    [
        (1, notice(24), ""),
        (1, notice(25), "weak"),
        (1, notice(1, "days"), ""),
        (1, notice(2, "days"), "weak"),
        (2, notice(48), ""),
        (2, notice(72), "weak"),
        (3, notice(72), ""),
        (4, notice(72), "not_demanded"),
        (None, None, "not_demanded"),
        (1, notice(None), "no_value"),
        (1, notice(None, present="no"), "missing"),
        (1, notice(12, present="partly"), "partly"),
        (1, notice(None, present="unknown"), "unknown"),
        (1, None, "unknown"),
        (1, Statement("CO-1", "not_applicable", reason="So."), "not_applicable"),
    ],
    ids=lambda row: f"tier {row[0]} {row[1]}",
)
def test_notice_of_an_incident_by_tier(tier, statement, verdict):
    found = judged(scope(tier), **({"incident_notice": statement} if statement else {}))
    assert found["incident_notice"].verdict == verdict


@for_each(
    "clause, facts, of_vendor, expected",
    [
        ("training", BANK, {}, "unknown"),
        ("training", NOTHING, {}, "not_demanded"),
        ("training", NOTHING | {"financial": "unknown"}, {}, "perhaps"),
        ("penetration_testing", BANK, {"critical_function": "yes"}, "unknown"),
        ("penetration_testing", BANK, {"critical_function": "unknown"}, "perhaps"),
        ("penetration_testing", BANK, {}, "not_demanded"),
        ("staff_secrecy", NOTHING | {"personal_data": "controller"}, {"vendor_personal_data": "yes"}, "unknown"),
        ("staff_secrecy", NOTHING | {"personal_data": "controller"}, {}, "not_demanded"),
        ("background_checks", NOTHING | {"nis2": "important", "nis2_digital": "yes"}, {}, "unknown"),
        # What the law only speaks of, it does not demand.
        ("liability", NOTHING | {"us_bank": "yes"}, {}, "not_demanded"),
    ],
    ids=lambda row: f"{row[0]} {row[3]}",
)
def test_what_law_demands_of_what_is_in_no_tier(clause, facts, of_vendor, expected):
    assert judged(scope(None, facts, **of_vendor))[clause].verdict == expected


def test_the_reason_names_tier_figure_law_and_unit():
    of = scope(1, BANK, critical_function="yes")
    assert judged(of)["incident_notice"].why == (
        "Your policy for tier 1: at most 24 hours.",
        "Digital Operational Resilience Act (DORA), 30(3)(b): Payments: financial entity: credit institution;"
        " it supports a critical or important function: yes.",
    )


def test_the_law_counts_from_the_day_on_which_it_is_in_force():
    of = scope(None, BANK, critical_function="yes")
    days = (date(2025, 7, 21), date(2025, 7, 22))
    found = [demands.of_all(LIST, CODE, of, words={}, today=day) for day in days]
    assert ["subcontracting_notice" in one for one in found] == [False, True]


@for_each(
    "clause, statement, expected",
    [
        ("places", Statement("CO-1", "yes", countries="DE IE"), ""),
        ("places", Statement("CO-1", "yes"), "no_value"),
        ("audit_right", Statement("CO-1", "yes", Decimal(1), "per_year"), ""),
        ("service_levels", Statement("CO-1", "yes", Decimal("99.9"), "percent"), ""),
        ("service_levels", Statement("CO-1", "yes", Decimal("99.89"), "percent"), "weak"),
        ("exit_transition", Statement("CO-1", "yes", Decimal(180), "days"), ""),
        ("model_training", Statement("CO-1", "no"), "missing"),
    ],
    ids=lambda row: f"{row[0]} {row[2] or 'enough'}",
)
def test_clauses_at_tier_1(clause, statement, expected):
    assert judged(scope(1), **{clause: statement})[clause].verdict == expected


def test_a_missing_clause_is_a_gap_that_says_what_there_is_and_what_is_demanded():
    found = {one.key: one for one in gaps(scope(2), statements={"incident_notice": notice(72)})}
    gap = found["contract:clause:incident_notice"]
    assert (gap.title, gap.severity) == ("Contract is too weak: Notice of an incident to us", Severity.MEDIUM)
    assert "Have: CO-1, page 12: yes, 72 hours.\nDemanded: At most 48 hours." in gap.description
    assert "Your policy for tier 2: at most 48 hours." in gap.description


def test_what_nobody_read_is_one_gap_and_never_shown_as_there():
    statements = {key: Statement("CO-1", "yes") for key in ("written_contract", "data_protection", "model_training")}
    (gap,) = gaps(scope(3), statements=statements)
    assert (gap.key, gap.title) == ("contract:unread", "Contract not read for all that is demanded")
    assert "Notice of an incident to us" in gap.description


@for_each(
    "name, tier, situation, expected",
    [
        ("demanded by policy", 1, {}, ["contract:none"]),
        ("one that is drafted is none", 2, {"others": ("CO-7",)}, ["contract:none"]),
        ("not demanded at this tier", 3, {}, []),
        ("nothing of it is used yet", 1, {"is_used": False}, []),
        ("volunteers sell nothing", 1, {"is_commercial": False}, []),
        ("not known whether they do", 1, {"is_commercial": None}, []),
        ("it supplies nothing", None, {}, []),
    ],
    ids=lambda row: row[0],
)
def test_no_contract_at_all_is_one_gap(name, tier, situation, expected):
    assert [one.key for one in gaps(scope(tier), holds=(), **situation)] == expected


def test_law_demands_a_contract_where_policy_does_not():
    (gap,) = gaps(scope(3, BANK), holds=())
    assert (gap.key, gap.severity) == ("contract:none", Severity.HIGH)
    assert "DORA" in gap.description


def test_another_legal_entity_is_a_gap():
    party = Party("CO-1", "Acme GmbH", "Acme Inc")
    statements = {"written_contract": Statement("CO-1", "yes")}
    found = [one for one in gaps(scope(4), statements=statements, parties=(party,)) if one.key.endswith("entity")]
    assert [one.title for one in found] == ["CO-1 is with another legal entity"]


def test_of_two_units_one_is_enough_for_a_law():
    of = Scope(None, [UnitFacts("Research", NOTHING), UnitFacts("Payments", BANK)], NOT_FOR_LAW)
    reached = demands.reach(CODE, of, words=looking.WORDS)["dora-30-2"]
    assert reached == law.Applies(law.Reach.YES, "Payments: financial entity: credit institution.")


def test_a_unit_without_a_name_is_not_told_from_others():
    def where(*named):
        units = [UnitFacts(name, BANK) for name in named]
        return demands.reach(CODE, Scope(None, units, NOT_FOR_LAW), words=looking.WORDS)["dora-30-2"].why

    assert where("Payments", "") == "Payments: financial entity: credit institution."
    assert where("", "") == "a unit that the vendor serves; whoever sees the unit is told why."
