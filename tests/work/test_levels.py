"""How a server stands on each level: affected, unknown with why, and none known only where nothing is missing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from monitoring.models import FRESH, Collector
from scoring.scales import Severity
from tests.cast import NOON
from tests.tables import for_each
from work.supply_chain import levels
from work.supply_chain.levels import Alarms, Built, Facts, Level, Looked, Reason

DAY = timedelta(days=1)
LISTED = Built(is_listed=True, compared_at=NOON - DAY, components=500, ecosystems={"npm": 498, "PyPI": 2})
SEEN = Looked(seen_at=NOON - DAY, checked_at=NOON - DAY)
HIGH = Alarms(by_severity={Severity.HIGH: 2})
SILENT = Reason("feed_old", "The feed of PyPI, FD-2 OSV PyPI, is silent since 1 Mar 2026")


def _fresh(_name: str) -> Reason | None:
    return None


def _built(**changes: Any) -> Level:
    return levels.package(replace(LISTED, **changes), standing=_fresh, now=NOON)


def test_none_known_is_said_where_all_was_compared_with_what_is_fresh():
    assert _built() == Level(levels.State.CLEAR, 6, (), NOON - DAY + FRESH[Collector.COMPOSITION])


@for_each(
    "changes, why",
    [
        ({"is_listed": False}, ["No inventory says what the release is built from"]),
        ({"compared_at": None}, ["Not compared with advisories yet"]),
        ({"is_of_release": False}, ["Not compared with advisories since another release is relied on"]),
        ({"compared_at": NOON - 8 * DAY}, ["Not compared with advisories since 22 Feb 2026"]),
        ({"waits_since": NOON - DAY}, ["Waits since 1 Mar 2026 to be compared anew"]),
        ({"unknown": 3}, ["3 of 500 components cannot be compared"]),
        (
            {"unknown": 1, "compared_at": NOON - 8 * DAY},
            ["Not compared with advisories since 22 Feb 2026", "1 of 500 components cannot be compared"],
        ),
    ],
)
def test_what_is_missing_is_unknown_and_says_what(changes, why):
    level = _built(**changes)

    assert (level.state, [one.words for one in level.why]) == (levels.State.UNKNOWN, why)


def test_a_comparison_that_waits_for_minutes_is_under_way():
    level = _built(waits_since=NOON - timedelta(minutes=5))

    assert (level.state, level.until) == (levels.State.CLEAR, NOON + timedelta(minutes=55))


def test_an_ecosystem_of_which_nobody_knows_what_is_new_is_unknown():
    level = levels.package(LISTED, standing=lambda name: SILENT if name == "PyPI" else None, now=NOON)

    assert (level.state, level.why) == (levels.State.UNKNOWN, (SILENT,))


def test_what_hits_is_affected_and_says_what_is_missing_too():
    level = _built(hits=replace(HIGH, exploited=1), affected=2, unknown=3)

    assert (level.state, level.weight) == (levels.State.AFFECTED, 0)
    assert levels.words_of(level.why) == [
        "2 vulnerabilities to judge or mend in 2 of 500 components, 1 exploited",
        "3 of 500 components cannot be compared",
    ]


def test_threats_are_unknown_without_a_fresh_feed_and_without_a_look():
    no_feed = Reason("not_taken_in", "No feed tells of threats")
    level = levels.ecosystem(Looked(), missing=no_feed, now=NOON)

    assert (level.state, level.why[0]) == (levels.State.UNKNOWN, no_feed)
    assert levels.words_of(level.why) == ["No feed tells of threats", "Not compared with indicators yet"]
    assert levels.ecosystem(SEEN, missing=None, now=NOON).state is levels.State.CLEAR
    assert levels.ecosystem(replace(SEEN, alarms=HIGH), missing=None, now=NOON).state is levels.State.AFFECTED


@for_each(
    "changes, state, why",
    [
        ({}, "clear", []),
        ({"seen_at": None, "failed": "No answer"}, "unknown", ["No look has seen what it offers: No answer"]),
        ({"seen_at": NOON - 46 * DAY}, "unknown", ["Not looked at since 15 Jan 2026"]),
        ({"is_approved": False}, "unknown", ["No tools are approved that it could be compared with"]),
        ({"checked_at": None}, "unknown", ["Nothing was captured that could be checked"]),
        ({"alarms": HIGH}, "affected", ["2 differences from what was approved"]),
        ({"checks": HIGH, "is_approved": False}, "affected",
         ["2 checks hit", "No tools are approved that it could be compared with"]),
    ],
)  # fmt: skip
def test_an_inspection_is_as_approved_only_when_it_was_seen_compared_and_checked(changes, state, why):
    level = levels.inspection(replace(SEEN, **changes), now=NOON)

    assert (level.state, levels.words_of(level.why)) == (state, why)


def test_the_worst_come_first_then_the_unknown_and_among_equals_the_lower_tier():
    def place(tier: int, built: Built, threats: Looked = SEEN, inspected: Looked = SEEN) -> int:
        found = levels.of(Facts(tier, built, threats, inspected), standing=_fresh, threats=None, now=NOON)
        return levels.rank(found, tier=tier)

    exploited = replace(LISTED, hits=Alarms(by_severity={Severity.LOW: 1}, exploited=1))
    places = [
        place(4, exploited),
        place(1, replace(LISTED, hits=Alarms(by_severity={Severity.CRITICAL: 1}))),
        place(1, replace(LISTED, hits=HIGH), replace(SEEN, alarms=HIGH)),
        place(1, replace(LISTED, hits=HIGH)),
        place(2, replace(LISTED, hits=HIGH)),
        place(1, replace(LISTED, is_listed=False), Looked(), Looked()),
        place(1, replace(LISTED, is_listed=False)),
        place(1, LISTED),
        place(4, LISTED),
    ]

    assert places == sorted(set(places))
