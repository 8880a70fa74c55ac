"""An answer about an event speaks for some days from the event; then its evidence counts one level less, once."""

from datetime import date, timedelta

from scoring import freshness, methodology
from scoring.freshness import Event
from tests.assessments.answers import TODAY, every_dimension_at, rating_of, scored
from tests.tables import for_each

YESTERDAY = TODAY - timedelta(days=1)


@for_each(
    ("known", "ran_out", "event", "expected"),
    [
        (3, False, None, 3),
        (3, False, Event(TODAY, 7), 3),
        (3, False, Event(TODAY - timedelta(days=7), 7), 3),
        (3, False, Event(TODAY - timedelta(days=8), 7), 2),
        (0, False, Event(TODAY - timedelta(days=8), 7), 0),
        # Its own end has taken the level already, so the event takes none.
        (2, True, Event(TODAY - timedelta(days=8), 7), 2),
        # Nobody can tell that a scan without a day is fresh.
        (3, False, Event(None, 7), 2),
    ],
)
def test_level_on_a_day(known: int, ran_out: bool, event: Event | None, expected: int) -> None:
    assert freshness.level(known, ran_out=ran_out, event=event, today=TODAY) == expected


@for_each(
    ("of_evidence", "event", "expected"),
    [
        (None, None, None),
        (date(2027, 1, 1), None, date(2027, 1, 1)),
        (None, Event(TODAY, 7), TODAY + timedelta(days=7)),
        (date(2027, 1, 1), Event(TODAY, 7), TODAY + timedelta(days=7)),
        (TODAY + timedelta(days=2), Event(TODAY, 7), TODAY + timedelta(days=2)),
        # It had run out before it was frozen: what that took is in the frozen level.
        (date(2027, 1, 1), Event(YESTERDAY - timedelta(days=7), 7), None),
        (date(2027, 1, 1), Event(None, 7), None),
    ],
)
def test_last_day_of_a_frozen_level(of_evidence: date | None, event: Event | None, expected: date | None) -> None:
    assert freshness.last_day(of_evidence, event, frozen_on=TODAY) == expected


def test_method_2_asks_deeper_the_worse_the_tier() -> None:
    assert dict(methodology.load(2).depths) == {1: 3, 2: 3, 3: 2, 4: 1}
    assert set(methodology.load(1).depths.values()) == {3}


def test_a_tier_that_asks_for_more_than_was_asked_makes_the_rating_stale() -> None:
    method = methodology.load(2)
    frozen = scored(every_dimension_at("1"))

    def stale(tier: int, asked: int | None, *new: str) -> list[tuple[str, str]]:
        rating = rating_of(frozen, inherent_tier=tier, asked_depth=asked, new_deployments=new, methodology=method)
        return [(cap.id, cap.subject) for cap in rating.caps]

    assert stale(4, 1) == []
    assert stale(3, 1) == [("stale", "depth")]
    assert stale(1, 2) == [("stale", "depth")]
    assert stale(1, 3) == []
    assert stale(1, None) == []
    assert stale(4, 1, "D-4", "D-7") == [("stale", "D-4"), ("stale", "D-7")]
