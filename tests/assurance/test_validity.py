"""Until when a certificate counts, and which days two of them speak of both."""

from datetime import date

from assurance import validity, weight
from assurance.validity import Days
from tests.tables import for_each

JAN, DEC, JULY = date(2025, 1, 1), date(2025, 12, 31), date(2025, 7, 1)


@for_each(
    "days, until",
    [
        (Days("soc2_type_2", period_from=JAN, period_to=DEC), date(2026, 12, 31)),
        (Days("soc2_type_1", period_to=JULY), date(2026, 7, 1)),
        (Days("bridge_letter", bridged_to=DEC), date(2026, 3, 31)),
        (Days("bridge_letter", bridged_to=DEC, period_to=date(2026, 2, 1)), date(2026, 2, 1)),
        (Days("bridge_letter", bridged_to=DEC, period_to=date(2026, 9, 1)), date(2026, 3, 31)),
        (Days("bridge_letter", bridged_to=DEC, bridged_stopped_on=date(2026, 2, 10)), date(2026, 2, 9)),
        (Days("iso_27001", issued_on=JAN, ends_on=date(2027, 12, 31)), date(2027, 12, 31)),
        (Days("iso_42001", issued_on=JAN), None),
        (Days("pci_aoc", issued_on=JULY), date(2026, 7, 1)),
        (Days("pci_aoc", issued_on=JULY, ends_on=date(2026, 1, 1)), date(2026, 1, 1)),
        (Days("csa_star", issued_on=JULY), date(2026, 7, 1)),
        (Days("penetration_test", issued_on=date(2024, 2, 29)), date(2025, 2, 28)),
        (Days("other"), None),
        (Days("other", ends_on=DEC), DEC),
    ],
    ids=lambda row: row[0],
)
def test_until_when_it_counts(days: Days, until: date | None) -> None:
    assert validity.counts_until(days) == until


@for_each(
    "one, other, both",
    [
        (
            Days("soc2_type_2", period_from=JAN, period_to=DEC),
            Days("soc2_type_2", period_from=DEC, period_to=DEC),
            True,
        ),
        (
            Days("soc2_type_2", period_from=JAN, period_to=JULY),
            Days("soc2_type_2", period_from=date(2025, 7, 2), period_to=DEC),
            False,
        ),
        (Days("iso_27001", issued_on=JAN, ends_on=DEC), Days("iso_27001", issued_on=JULY, ends_on=DEC), True),
        (Days("penetration_test", issued_on=JAN), Days("penetration_test", issued_on=JULY), False),
        (Days("penetration_test", issued_on=JAN), Days("penetration_test", issued_on=JAN), True),
        (Days("pci_aoc", issued_on=JAN), Days("pci_aoc", issued_on=JULY), True),
        (Days("other"), Days("other"), False),
    ],
    ids=lambda row: row[0].kind,
)
def test_of_which_time_both_speak(one: Days, other: Days, both: bool) -> None:
    assert (validity.overlap(one, other), validity.overlap(other, one)) == (both, both)


@for_each(
    "one, former, does",
    [
        (Days("iso_27001"), Days("iso_27001"), True),
        (Days("iso_42001"), Days("iso_27001"), False),
        (Days("soc2_type_2"), Days("soc2_type_1"), True),
        (Days("soc2_type_1"), Days("soc2_type_2"), False),
        (Days("bridge_letter"), Days("bridge_letter"), True),
        (Days("soc2_type_2", period_to=DEC), Days("bridge_letter", bridged_to=JULY), True),
        (Days("soc2_type_2", period_to=DEC), Days("bridge_letter", bridged_to=DEC), False),
        (Days("iso_27001", period_to=DEC), Days("bridge_letter", bridged_to=JULY), False),
    ],
    ids=lambda row: f"{row[0].kind} for {row[1].kind}",
)
def test_which_takes_the_place_of_which(one: Days, former: Days, does: bool) -> None:
    assert validity.succeeds(one, former) is does


@for_each(
    "criticality, tier, rank",
    [("", None, 1), ("low", None, 4), ("", 3, 3), ("high", 4, 2), ("low", 1, 1), ("critical", None, 1)],
)
def test_how_much_depends_on_a_vendor_is_the_worse_of_both(criticality: str, tier: int | None, rank: int) -> None:
    assert weight.of(criticality, tier).rank == rank


def test_a_surveillance_is_overdue_three_months_after_its_day() -> None:
    assert validity.surveillance_last_day(date(2025, 11, 30)) == date(2026, 2, 28)
