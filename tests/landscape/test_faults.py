"""What is wrong with a shared service for a server behind it: a table, and nothing that nobody knows."""

from dataclasses import replace
from datetime import date, timedelta

from landscape import faults
from landscape.faults import Facts
from scoring.scales import Severity
from tests.tables import for_each

TODAY = date(2026, 3, 2)
GOOD = Facts(
    name="SV-1 Gateway",
    again_on=TODAY,
    has_failed=False,
    is_single_point=False,
    stand_in="",
    can_be_bypassed=False,
    bypassed_by="",
    promised="99.9",
    measured="99.90",
)
HIGH, MEDIUM, LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW
CASES = [
    ("nothing wrong", GOOD, 1, []),
    ("counts on its last day", replace(GOOD, again_on=TODAY), 4, []),
    (
        "the day after it does not",
        replace(GOOD, again_on=TODAY - timedelta(days=1)),
        2,
        [("assessment_lapsed", MEDIUM)],
    ),
    ("never assessed, tier 1", replace(GOOD, again_on=None), 1, [("never_assessed", HIGH)]),
    ("never assessed, tier 3", replace(GOOD, again_on=None), 3, [("never_assessed", LOW)]),
    ("failed", replace(GOOD, has_failed=True), 1, [("assessment_failed", HIGH)]),
    (
        "failed long ago",
        replace(GOOD, has_failed=True, again_on=date(2020, 1, 1)),
        4,
        [("assessment_lapsed", LOW), ("assessment_failed", LOW)],
    ),
    ("a single point, tier 1", replace(GOOD, is_single_point=True), 1, [("single_point", HIGH)]),
    ("a single point, tier 2", replace(GOOD, is_single_point=True), 2, []),
    ("a single point with a stand-in", replace(GOOD, is_single_point=True, stand_in="Another"), 1, []),
    ("nobody knows whether it is one", replace(GOOD, is_single_point=None), 1, []),
    ("can be bypassed", replace(GOOD, can_be_bypassed=True), 2, [("bypass", MEDIUM)]),
    ("available less than promised", replace(GOOD, measured="99.8"), 2, [("availability", MEDIUM)]),
    ("available for all the time, by its digits less", replace(GOOD, measured="100"), 2, []),
    ("nobody measured it", replace(GOOD, measured=""), 1, []),
    ("nobody promised anything", replace(GOOD, promised="", measured="9"), 1, []),
    ("nobody knows whether it can be", replace(GOOD, can_be_bypassed=None), 1, []),
]


@for_each("words, service, tier, expected", CASES, ids=lambda case: case[0])
def test_what_is_wrong(words: str, service: Facts, tier: int, expected: list[tuple[str, Severity]]) -> None:
    found = list(faults.of(service, tier=tier, today=TODAY))
    assert [(fault.word, fault.severity) for fault in found] == expected
    assert all(service.name in f"{fault.title} {fault.description}" for fault in found)


def test_a_bypass_says_who_takes_it() -> None:
    found = faults.of(replace(GOOD, can_be_bypassed=True, bypassed_by="administrators by SSH"), tier=1, today=TODAY)
    assert "administrators by SSH" in next(found).description
