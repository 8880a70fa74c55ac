"""Due days, review days, reminders: month ends, leap days and weeks of downtime."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring import deadlines
from scoring.scales import Severity
from tests.assessments.answers import METHOD
from tests.tables import for_each

DAYS = METHOD.reviews.reminder_days
DUE = date(2026, 6, 30)


@for_each(
    ("severity", "due"),
    [
        (Severity.CRITICAL, date(2028, 3, 6)),
        (Severity.HIGH, date(2028, 3, 29)),
        (Severity.MEDIUM, date(2028, 5, 28)),
        (Severity.LOW, date(2028, 8, 26)),
    ],
)
def test_a_finding_is_due_7_30_90_or_180_days_after_it_was_found(severity: Severity, due: date) -> None:
    assert deadlines.finding_due_on(severity, date(2028, 2, 28), METHOD) == due


@for_each(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 31), 3, date(2026, 4, 30)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 10, 15), 3, date(2027, 1, 15)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_months_end_on_their_last_day(day: date, months: int, expected: date) -> None:
    assert deadlines.add_months(day, months) == expected


@for_each(
    ("tier", "expected"),
    [(1, date(2026, 11, 30)), (2, date(2027, 2, 28)), (3, date(2027, 8, 31)), (4, date(2027, 8, 31))],
)
def test_the_next_review_follows_from_the_tier(tier: int, expected: date) -> None:
    assert deadlines.next_review_on(tier, date(2026, 8, 31), METHOD) == expected


def test_refuses_a_tier_that_does_not_exist() -> None:
    with pytest.raises(KeyError):
        deadlines.next_review_on(5, DUE, METHOD)


class TestReminders:
    @for_each(
        ("before", "sent", "reminder"),
        [
            (15, [], None),
            (14, [], 14),
            (14, [14], None),
            (8, [], 14),
            (8, [14], None),
            (7, [14], 7),
            (7, [], 7),
            (1, [14, 7], None),
            (0, [14, 7], 0),
            (0, [14], 0),
            (0, [0], None),
            (-1, [14, 7, 0], None),
            (-40, [], 0),
            (-40, [0], None),
            (7, [0], None),
        ],
    )
    def test_only_the_most_urgent_that_was_not_sent(self, before: int, sent: list[int], reminder: int | None) -> None:
        today = DUE - timedelta(days=before)
        assert deadlines.reminder_due(DUE, today=today, sent=sent, reminder_days=DAYS) == reminder

    @settings(max_examples=100)
    @given(st.sets(st.integers(-60, 60)))
    def test_whenever_the_sweep_runs_no_reminder_comes_twice_and_they_grow_more_urgent(self, runs: set[int]) -> None:
        sent: list[int] = []
        for day in sorted(runs):
            today = DUE + timedelta(days=day)
            reminder = deadlines.reminder_due(DUE, today=today, sent=sent, reminder_days=DAYS)
            if reminder is not None:
                sent.append(reminder)
        assert sent == sorted(set(sent), reverse=True)
        assert (0 in sent) == any(day >= 0 for day in runs)

    def test_after_40_days_of_downtime_there_is_one(self) -> None:
        sent: list[int] = []
        for day in range(40, 50):
            today = DUE + timedelta(days=day)
            reminder = deadlines.reminder_due(DUE, today=today, sent=sent, reminder_days=DAYS)
            sent += [] if reminder is None else [reminder]
        assert sent == [0]


@for_each(("offset", "past"), [(-1, False), (0, False), (1, True), (40, True)])
def test_a_day_has_not_passed_while_it_lasts(offset: int, past: bool) -> None:
    today = DUE + timedelta(days=offset)
    assert deadlines.is_past(DUE, today=today) is past


class TestZones:
    def test_the_day_is_the_organisations(self) -> None:
        moment = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
        assert deadlines.day_of(moment, UTC) == date(2026, 6, 30)
        assert deadlines.day_of(moment, ZoneInfo("Asia/Tokyo")) == date(2026, 7, 1)
        assert deadlines.day_of(moment, ZoneInfo("America/New_York")) == date(2026, 6, 30)

    def test_refuses_a_moment_without_offset(self) -> None:
        with pytest.raises(ValueError, match="needs an offset"):
            deadlines.day_of(datetime(2026, 6, 30), UTC)

    def test_a_day_ends_at_the_next_midnight_there(self) -> None:
        assert deadlines.moment_past(DUE, ZoneInfo("Asia/Tokyo")) == datetime(2026, 6, 30, 15, tzinfo=UTC)

    def test_a_midnight_that_summer_time_skips_is_the_moment_of_the_change(self) -> None:
        # Santiago went from 23:59:59 on 2 September 2023 to 01:00 on the 3rd.
        moment = deadlines.moment_past(date(2023, 9, 2), ZoneInfo("America/Santiago"))
        assert moment == datetime(2023, 9, 3, 4, tzinfo=UTC)
        assert deadlines.day_of(moment, ZoneInfo("America/Santiago")) == date(2023, 9, 3)
        before = moment - timedelta(seconds=1)
        assert deadlines.day_of(before, ZoneInfo("America/Santiago")) == date(2023, 9, 2)

    def test_the_last_day_of_the_calendar_never_passes(self) -> None:
        assert deadlines.moment_past(date.max, UTC) is None


@for_each(("day", "words"), [(date(2026, 5, 5), "5 May 2026"), (date(2026, 11, 21), "21 Nov 2026")])
def test_a_day_is_written_one_way(day: date, words: str) -> None:
    assert deadlines.written(day) == words
