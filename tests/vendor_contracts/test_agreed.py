"""What a family of contracts gives: amendments before what they amend, the weakest of what stands side by side."""

import random
from datetime import date
from decimal import Decimal

import pytest

from contracts.coverage import agreed, clause_list
from contracts.coverage.agreed import Paper, Statement
from tests.tables import for_each

CLAUSES = clause_list.load().clauses


def hours(contract: str, value: int | None, unit: str = "hours", present: str = "yes") -> Statement:
    return Statement(contract, present, None if value is None else Decimal(value), unit)


def paper(number: int, statement: Statement | None, *, kind: str = "master", parent: int | None = None) -> Paper:
    clauses = {"incident_notice": statement} if statement else {}
    return Paper(number, number, kind, parent, date(2026, 1, number), clauses)


M, AMEND, ORDER = "master", "amendment", "order"
YES_24, YES_72, NO = hours("CO-1", 24), hours("CO-2", 72), hours("CO-3", None, present="no")
UNKNOWN = hours("CO-4", None, present="unknown")
NOT_APPLICABLE = Statement("CO-5", "not_applicable", reason="No data.")


@for_each(
    "name, papers, expected",
    [
        ("one contract", [paper(1, YES_72)], YES_72),
        ("an amendment counts before its parent", [paper(1, YES_72), paper(2, YES_24, kind=AMEND, parent=1)], YES_24),
        ("though it is worse", [paper(1, YES_24), paper(2, NO, kind=AMEND, parent=1)], NO),
        (
            "a silent amendment changes nothing",
            [paper(1, YES_72), paper(2, None, kind=AMEND, parent=1)],
            YES_72,
        ),
        ("nor one that nobody read", [paper(1, YES_72), paper(2, UNKNOWN, kind=AMEND, parent=1)], YES_72),
        (
            "the later amendment counts",
            [paper(1, None), paper(3, YES_24, kind=AMEND, parent=1), paper(2, YES_72, kind=AMEND, parent=1)],
            YES_24,
        ),
        (
            "an amendment of an amendment",
            [paper(1, YES_72), paper(2, NO, kind=AMEND, parent=1), paper(3, YES_24, kind=AMEND, parent=2)],
            YES_24,
        ),
        ("an order has what stands above it", [paper(1, YES_72), paper(2, None, kind=ORDER, parent=1)], YES_72),
        ("unless it says otherwise", [paper(1, YES_72), paper(2, YES_24, kind=ORDER, parent=1)], YES_24),
        (
            "of two orders the weaker counts",
            [paper(1, NO), paper(2, YES_24, kind=ORDER, parent=1), paper(3, YES_72, kind=ORDER, parent=1)],
            YES_72,
        ),
        ("beside each other the weaker counts", [paper(1, YES_24), paper(2, YES_72)], YES_72),
        ("no is weaker than any figure", [paper(1, YES_24), paper(2, NO)], NO),
        ("one that is silent takes nothing away", [paper(1, YES_24), paper(2, None)], YES_24),
        ("one that it does not apply to neither", [paper(1, YES_24), paper(2, NOT_APPLICABLE)], YES_24),
        ("it applies to none", [paper(2, NOT_APPLICABLE)], NOT_APPLICABLE),
        ("a parent that is not in force is not there", [paper(2, YES_24, kind=AMEND, parent=99)], YES_24),
        ("nobody read any", [paper(1, UNKNOWN)], None),
        ("no contract", [], None),
    ],
    ids=lambda row: row[0],
)
def test_what_counts(name, papers, expected):
    assert agreed.given(papers, CLAUSES).get("incident_notice") == expected


def test_units_are_compared_by_what_they_mean():
    two_days, sixty_hours = hours("CO-1", 2, "days"), hours("CO-2", 60)
    assert agreed.given([paper(1, two_days), paper(2, sixty_hours)], CLAUSES)["incident_notice"] is sixty_hours


def test_more_is_stronger_where_the_clause_says_so():
    once, twice = (Statement(ref, "yes", Decimal(n), "per_year") for ref, n in (("CO-1", 1), ("CO-2", 2)))
    papers = [Paper(n, n, M, None, date(2026, 1, n), {"audit_right": one}) for n, one in ((1, once), (2, twice))]
    assert agreed.given(papers, CLAUSES)["audit_right"] is once


@pytest.mark.parametrize("seed", range(12))
def test_what_many_say_alike_may_stand_in_one_statement(seed: int) -> None:
    chance = random.Random(seed)
    words = [("yes", Decimal(24), "hours"), ("yes", Decimal(1), "days"), ("yes", None, ""), ("no", None, "")]
    alike = {key: [Statement("", *one) for one in words] for key in ("incident_notice", "audit_right", "exit_plan")}
    alike["audit_right"] = [Statement("", "yes", Decimal(2), "per_year"), *alike["audit_right"][2:]]
    own, shared = [], []
    for number in range(1, 25):
        kind, parent = chance.choice((M, AMEND, ORDER)), chance.choice((None, *range(1, number)))
        statements = {key: chance.choice(some) for key, some in alike.items() if chance.random() < 0.6}
        since = date(2026, 1, chance.randint(1, 28))

        def place(one: Statement, number: int = number) -> Statement:
            return one._replace(contract=f"CO-{number}", page=number)

        plain = {key: place(one) for key, one in statements.items()}
        own.append(Paper(number, number, kind, parent, since, plain))
        shared.append(Paper(number, number, kind, parent, since, statements, place))
    assert agreed.given(shared, CLAUSES) == agreed.given(own, CLAUSES)
    assert agreed.by_contract(shared) == agreed.by_contract(own)
    assert agreed.given(own, CLAUSES)
