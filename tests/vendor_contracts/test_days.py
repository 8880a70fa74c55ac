"""When notice is due and when a contract renews."""

from datetime import date

from contracts import days
from tests.tables import for_each

D = date


@for_each(
    "ends, months, today, expected",
    [
        (D(2026, 12, 31), 12, D(2026, 12, 31), D(2026, 12, 31)),
        (D(2026, 12, 31), 12, D(2027, 1, 1), D(2027, 12, 31)),
        (D(2020, 12, 31), 12, D(2026, 11, 29), D(2026, 12, 31)),
        # The end of January renews at the end of February, and at the end of March again.
        (D(2026, 1, 31), 1, D(2026, 2, 1), D(2026, 2, 28)),
        (D(2026, 1, 31), 1, D(2026, 3, 1), D(2026, 3, 31)),
        (D(2024, 2, 29), 12, D(2025, 2, 28), D(2025, 2, 28)),
        (D(2024, 2, 29), 12, D(2027, 3, 1), D(2028, 2, 29)),
        (D(2026, 6, 30), 24, D(2026, 7, 1), D(2028, 6, 30)),
        # What ended with a short month, as it is recorded when it renewed, ends with the next one too.
        (D(2026, 2, 28), 1, D(2026, 3, 1), D(2026, 3, 31)),
        (D(2027, 2, 28), 12, D(2027, 3, 1), D(2028, 2, 29)),
        (D(2026, 1, 30), 1, D(2026, 3, 1), D(2026, 3, 30)),
    ],
)
def test_a_term_rolls_on_from_its_first_end(ends, months, today, expected):
    assert days.term_end(ends, months, today=today) == expected


@for_each(
    "ends, notice, expected",
    [
        (D(2026, 12, 31), 90, D(2026, 10, 2)),
        (D(2026, 12, 31), 0, D(2026, 12, 31)),
        (D(2026, 12, 31), None, None),
        (None, 90, None),
    ],
)
def test_the_last_day_to_give_notice(ends, notice, expected):
    assert days.notice_by(ends, notice) == expected
