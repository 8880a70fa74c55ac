"""The current rating: caps, overlays, evidence that runs out, and when the clock changes it next."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from riskregister.canonical import canonical
from scoring.assurance import State
from scoring.caps import RatedFinding, counts_on, last_day_free
from scoring.overlays import InvalidOverlay, Overlay, OverlayKind
from scoring.rating import in_words, write
from scoring.scales import Band, Residual, Severity
from tests.assessments.answers import (
    LATER,
    METHOD,
    NOON,
    TODAY,
    every_dimension_at,
    line,
    rating_of,
    scored,
    worked_example,
)
from tests.tables import for_each

PERFECT = scored(every_dimension_at("1"))
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def finding(severity: Severity = Severity.CRITICAL, status: str = "open", **other: Any) -> RatedFinding:
    standard: dict[str, Any] = {"number": "F-1", "due_on": LATER}
    return RatedFinding(severity=severity, status=status, **standard | other)


def caps_of(**changes: Any) -> list[tuple[str, str, int]]:
    rating = rating_of(changes.pop("snapshot", PERFECT), **changes)
    return [(cap.id, cap.subject, int(cap.at_most)) for cap in rating.caps]


def with_critical(value: str | None, **other: Any) -> Any:
    return scored([*every_dimension_at("1"), line("secrets", 1, value, 3, critical=True, **other)])


class TestNotAssessed:
    def test_is_a_value_of_its_own_and_never_a_number(self) -> None:
        rating = rating_of(None, findings=[finding()], tools_changed=True)
        assert (rating.overall, rating.band, rating.residual) == (None, Band.NOT_ASSESSED, Residual.NOT_ASSESSED)
        assert (rating.caps, rating.changes_at, rating.held_by) == ((), None, ())

    def test_keeps_its_moment_and_tier(self) -> None:
        rating = rating_of(None, inherent_tier=3)
        assert (rating.as_of, rating.inherent_tier) == (NOON, 3)

    def test_sorts_as_worse_than_the_worst(self) -> None:
        worst = rating_of(scored(every_dimension_at("0")), inherent_tier=1)
        assert worst.overall == 0
        assert rating_of(None, inherent_tier=4).sort_key < worst.sort_key


class TestCriticalQuestion:
    @for_each("value", ["0", "1/4", None])
    def test_failed_or_unanswered_caps_at_39(self, value: str | None) -> None:
        rating = rating_of(with_critical(value))
        assert [(cap.id, cap.subject) for cap in rating.held_by] == [("critical-question", "secrets")]
        assert (rating.overall, rating.band, rating.residual) == (Fraction(39), Band.UNACCEPTABLE, Residual.CRITICAL)

    @for_each(
        ("state", "reason"),
        [
            (State.UNANSWERED, "A critical question is unanswered."),
            (State.DONT_KNOW, "A critical question is answered with “don't know”."),
            (State.NOT_APPLICABLE, "A critical question is said not to apply, and nobody confirmed it."),
        ],
    )
    def test_what_is_open_caps_as_a_failure_does_and_says_how_it_is_open(self, state: State, reason: str) -> None:
        rating = rating_of(with_critical(None, state=state))
        assert (rating.caps[0].subject, rating.caps[0].reason) == ("secrets", reason)
        assert rating.overall == 39

    def test_half_is_not_failed(self) -> None:
        assert caps_of(snapshot=with_critical("1/2")) == []

    def test_one_whose_finding_is_settled_excuses_no_other(self) -> None:
        settled = finding(Severity.LOW, "closed", question="secrets", verified=True)
        both = [*every_dimension_at("1"), *(line(key, 1, "0", 3, critical=True) for key in ("secrets", "tokens"))]
        assert caps_of(snapshot=scored(both), findings=[settled])[0] == ("critical-question", "tokens", 39)

    def test_a_question_that_is_not_critical_caps_nothing(self) -> None:
        assert caps_of(snapshot=scored([*every_dimension_at("1"), line("q", 1, "0")])) == []

    @for_each(
        ("status", "verified", "until", "capped", "lifted"),
        [
            ("open", False, None, True, None),
            ("remediating", False, None, True, None),
            ("awaiting_verification", False, None, True, None),
            ("closed", False, None, True, None),
            ("closed", True, None, False, None),
            ("dismissed", False, None, True, None),
            ("proposed", False, None, True, None),
            ("accepted", False, TODAY, False, TODAY),
            ("accepted", False, YESTERDAY, True, None),
            ("accepted", False, None, True, None),
            ("open", False, TOMORROW, True, None),
            ("closed", False, TOMORROW, False, TOMORROW),
        ],
    )
    def test_is_lifted_by_verified_closing_or_acceptance_only(
        self, status: str, verified: bool, until: date | None, capped: bool, lifted: date | None
    ) -> None:
        raised = finding(Severity.LOW, status, question="secrets", verified=verified, accepted_until=until)
        rating = rating_of(with_critical("0"), findings=[raised])
        assert [cap.id for cap in rating.caps] == ["critical-question"] * capped
        assert [cap.lifted_until for cap in rating.lifted] == ([lifted] if lifted else [])

    def test_every_finding_that_it_raised_must_be_settled(self) -> None:
        settled = finding(Severity.LOW, "closed", question="secrets", verified=True)
        other = finding(Severity.LOW, "open", question="secrets", number="F-2")
        assert len(caps_of(snapshot=with_critical("0"), findings=[settled, other])) == 1

    def test_one_acceptance_does_not_speak_for_another_finding(self) -> None:
        accepted = finding(Severity.LOW, "accepted", question="secrets", accepted_until=TOMORROW)
        other = finding(Severity.LOW, "open", question="secrets", number="F-2")
        assert len(caps_of(snapshot=with_critical("0"), findings=[accepted, other])) == 1

    def test_several_acceptances_hold_until_the_first_one_ends(self) -> None:
        ends = {"F-1": LATER, "F-2": TOMORROW}
        accepted = [
            finding(Severity.LOW, "accepted", question="secrets", number=number, accepted_until=end)
            for number, end in ends.items()
        ]
        assert [cap.lifted_until for cap in rating_of(with_critical("0"), findings=accepted).lifted] == [TOMORROW]

    @for_each("status", ["proposed", "dismissed"])
    def test_one_that_nobody_judged_a_deficiency_needs_no_settling(self, status: str) -> None:
        settled = finding(Severity.LOW, "closed", question="secrets", verified=True)
        other = finding(Severity.LOW, status, question="secrets", number="F-2")
        assert caps_of(snapshot=with_critical("0"), findings=[settled, other]) == []

    def test_a_finding_of_another_question_lifts_nothing(self) -> None:
        other = finding(Severity.LOW, "closed", question="else", verified=True)
        assert len(caps_of(snapshot=with_critical("0"), findings=[other])) == 1


class TestFindingCaps:
    @for_each("status", ["open", "remediating", "awaiting_verification", "accepted"])
    def test_an_open_critical_finding_caps_at_39(self, status: str) -> None:
        assert caps_of(findings=[finding(status=status)]) == [("open-critical", "F-1", 39)]

    @for_each("status", ["proposed", "dismissed", "closed"])
    def test_one_that_is_not_open_does_not(self, status: str) -> None:
        assert caps_of(findings=[finding(status=status)]) == []

    @for_each(("due", "capped"), [(YESTERDAY, True), (TODAY, False), (TOMORROW, False), (None, True)])
    def test_a_high_finding_past_its_due_date_caps_at_59(self, due: date | None, capped: bool) -> None:
        assert caps_of(findings=[finding(Severity.HIGH, due_on=due)]) == [("overdue-high", "F-1", 59)] * capped

    @for_each("severity", [Severity.MEDIUM, Severity.LOW])
    def test_lesser_findings_cap_nothing(self, severity: Severity) -> None:
        assert caps_of(findings=[finding(severity, due_on=YESTERDAY)]) == []

    @for_each("severity", [Severity.CRITICAL, Severity.HIGH])
    def test_an_acceptance_holds_off_through_its_last_day(self, severity: Severity) -> None:
        accepted = finding(severity, "accepted", due_on=YESTERDAY, accepted_until=TODAY)
        rating = rating_of(PERFECT, findings=[accepted])
        assert (rating.caps, [cap.lifted_until for cap in rating.lifted]) == ((), [TODAY])
        assert rating.changes_at == datetime(2026, 3, 10, 23, tzinfo=UTC)
        assert rating_of(PERFECT, findings=[accepted], as_of=rating.changes_at).overall in {39, 59}


class TestWeakestDimension:
    @for_each(("value", "most", "overall"), [("0", 69, 69), ("1/4", 69, 69), ("1/2", 84, 84), ("3/4", None, None)])
    def test_allows_one_band_above_the_worst(self, value: str, most: int | None, overall: int | None) -> None:
        answers = every_dimension_at("1")
        answers[4] = line("weak", 3, value, 3, dimension="operational_resilience")
        rating = rating_of(scored(answers))
        assert [cap.at_most for cap in rating.caps] == ([most] if most else [])
        assert rating.overall == (overall or Fraction(85 * 100 + 15 * 75, 100))

    def test_a_score_under_the_cap_stays_as_it_is(self) -> None:
        rating = rating_of(scored(worked_example()))
        assert rating.score is not None
        assert rating.overall == rating.score.overall
        assert [rating.binds(cap) for cap in rating.caps] == [False]
        assert rating.held_by == rating.caps


class TestStale:
    @for_each(("due", "capped"), [(YESTERDAY, True), (TODAY, False), (TOMORROW, False), (None, True)])
    def test_past_its_review_date_caps_at_84(self, due: date | None, capped: bool) -> None:
        assert caps_of(review_due=due) == [("stale", "review", 84)] * capped

    def test_changed_tools_cap_at_84_too(self) -> None:
        rating = rating_of(PERFECT, tools_changed=True)
        assert [(cap.id, cap.subject, cap.reason) for cap in rating.caps] == [
            ("stale", "tools", "The tools changed since the assessment.")
        ]
        assert (rating.overall, rating.band) == (Fraction(84), Band.ADEQUATE)


def test_the_lowest_cap_decides_and_alone_holds_the_band() -> None:
    rating = rating_of(
        PERFECT, findings=[finding(), finding(Severity.HIGH, number="F-2", due_on=YESTERDAY)], tools_changed=True
    )
    assert [cap.id for cap in rating.caps] == ["open-critical", "overdue-high", "stale"]
    assert [rating.binds(cap) for cap in rating.caps] == [True, True, True]
    assert rating.overall == 39
    assert [cap.id for cap in rating.held_by] == ["open-critical"]


def test_a_cap_at_the_score_itself_does_not_bind() -> None:
    answers = [
        line(f"{dimension.key}.{value}", weight, value, 3, dimension=dimension.key)
        for dimension in METHOD.dimensions
        for value, weight in (("1", 21), ("0", 4))
    ]
    rating = rating_of(scored(answers), tools_changed=True)
    assert rating.overall == 84
    assert [rating.binds(cap) for cap in rating.caps] == [False]


def test_caps_come_in_the_order_of_the_findings_numbers() -> None:
    found = [finding(number="F-2"), finding(number="F-1")]
    assert [cap.subject for cap in rating_of(PERFECT, findings=found).caps] == ["F-1", "F-2"]


def test_what_the_reviewer_accepted_stays_accepted() -> None:
    skipped = line("skipped", 3, state=State.NOT_APPLICABLE, na_confirmed=True)
    answers = [*every_dimension_at("1"), skipped]
    assert rating_of(scored(answers)).overall is None
    assert rating_of(scored(answers, ["permission_scope"])).overall == 100


def test_what_the_reviewer_accepted_stays_accepted_when_an_answer_changes() -> None:
    skipped = line("skipped", 3, state=State.NOT_APPLICABLE, na_confirmed=True)
    snapshot = scored([*every_dimension_at("1"), skipped], ["permission_scope"])
    refuted = Overlay("provenance.only", OverlayKind.CONTRADICTED, NOON, Fraction(1, 2), 3)
    assert rating_of(snapshot, overlays=[refuted]).score == scored(
        [line("provenance.only", 3, "1/2", 3, dimension="provenance"), *every_dimension_at("1")[1:], skipped],
        ["permission_scope"],
    )


def test_another_methodology_scores_the_same_answers_anew() -> None:
    snapshot = scored(every_dimension_at("1", level=2))
    stricter = replace(
        METHOD, evidence_levels=tuple(replace(one, ceiling=one.ceiling / 2) for one in METHOD.evidence_levels)
    )
    assert (rating_of(snapshot).overall, rating_of(snapshot, methodology=stricter).overall) == (
        Fraction(90),
        Fraction(45),
    )


def overlay(kind: OverlayKind, value: str | None = None, level: int = 3, hours: int = 1, **other: Any) -> Overlay:
    """Return an overlay on provenance.only that was recorded so many hours before noon."""
    answer = None if value is None else Fraction(value)
    return Overlay("provenance.only", kind, NOON - timedelta(hours=hours), answer, level, **other)


def provenance(answer: str, level: int, **changes: Any) -> tuple[object, bool]:
    """Return the dimension's score and whether its evidence is expired, when its only answer is this one."""
    answers = every_dimension_at("1")
    answers[0] = line("provenance.only", 3, answer, level, dimension="provenance")
    rating = rating_of(scored(answers), **changes)
    assert rating.score is not None
    assert rating.lines[0].frozen == answers[0]
    return rating.score.dimensions[0].score, rating.lines[0].is_expired


class TestOverlays:
    FIXED = overlay(OverlayKind.REMEDIATED, "3/4")
    REFUTED = overlay(OverlayKind.CONTRADICTED, "0")
    RAN_OUT = overlay(OverlayKind.EXPIRED)

    def test_remediated_brings_the_new_answer(self) -> None:
        assert provenance("0", 3, overlays=[self.FIXED]) == (75, False)

    def test_a_remediation_never_makes_an_answer_count_less(self) -> None:
        assert provenance("1", 3, overlays=[self.FIXED]) == (100, False)

    def test_contradicted_brings_the_worse_answer(self) -> None:
        assert provenance("1", 2, overlays=[self.REFUTED]) == (0, False)

    def test_a_contradiction_never_makes_an_answer_count_more(self) -> None:
        assert provenance("1/4", 2, overlays=[overlay(OverlayKind.CONTRADICTED, "1")]) == (25, False)

    def test_the_new_answer_brings_evidence_of_its_own(self) -> None:
        assert provenance("0", 0, overlays=[overlay(OverlayKind.REMEDIATED, "1", level=2)]) == (90, False)
        assert provenance("1", 3, overlays=[overlay(OverlayKind.CONTRADICTED, "1", level=1)]) == (75, False)

    def test_evidence_of_the_new_answer_runs_out_too(self) -> None:
        for last_day, after in ((YESTERDAY, (90, True)), (TODAY, (100, False))):
            fixed = overlay(OverlayKind.REMEDIATED, "1", valid_until=last_day)
            assert provenance("0", 3, overlays=[fixed]) == after

    def test_an_equal_answer_is_what_counts_then(self) -> None:
        for kind in (OverlayKind.REMEDIATED, OverlayKind.CONTRADICTED):
            same = overlay(kind, "3/4")
            rating = rating_of(scored(every_dimension_at("3/4")), overlays=[same])
            assert rating.lines[0].overlay == same

    def test_of_several_in_one_moment_the_order_of_their_rows_does_not_matter(self) -> None:
        rows = [overlay(OverlayKind.REMEDIATED, value) for value in ("1", "0", "1/2")]
        results = {provenance("0", 3, overlays=order) for order in permutations(rows)}
        assert results == {(100, False)}

    def test_the_later_one_counts(self) -> None:
        earlier = overlay(OverlayKind.CONTRADICTED, "0", hours=2)
        assert provenance("1", 3, overlays=[self.FIXED, earlier]) == (75, False)
        later = overlay(OverlayKind.CONTRADICTED, "0", hours=0)
        assert provenance("0", 3, overlays=[later, self.FIXED]) == (0, False)

    def test_one_after_the_moment_is_left_out(self) -> None:
        assert provenance("0", 3, overlays=[overlay(OverlayKind.REMEDIATED, "1", hours=-1)]) == (0, False)

    @for_each(("level", "score"), [(3, 90), (2, 75), (1, 60), (0, 60)])
    def test_expired_drops_the_evidence_one_level(self, level: int, score: int) -> None:
        assert provenance("1", level, overlays=[self.RAN_OUT]) == (score, True)

    def test_a_recorded_expiry_and_a_passed_day_drop_one_level_together(self) -> None:
        validity = {"provenance.only": YESTERDAY}
        assert provenance("1", 3, overlays=[self.RAN_OUT, self.RAN_OUT], evidence_validity=validity) == (90, True)

    def test_an_expiry_before_the_new_answer_does_not_touch_it(self) -> None:
        assert provenance("0", 3, overlays=[overlay(OverlayKind.EXPIRED, hours=9), self.FIXED]) == (75, False)

    def test_an_expiry_of_the_same_moment_belongs_to_the_answer_before(self) -> None:
        assert provenance("0", 3, overlays=[self.RAN_OUT, self.FIXED]) == (75, False)

    def test_an_expiry_after_the_new_answer_does(self) -> None:
        fixed = overlay(OverlayKind.REMEDIATED, "1", hours=9)
        assert provenance("0", 3, overlays=[fixed, self.RAN_OUT]) == (90, True)

    def test_not_applicable_yields_to_a_contradiction_only(self) -> None:
        skipped = line("skipped", 1, state=State.NOT_APPLICABLE)
        snapshot = scored([*every_dimension_at("1"), skipped])
        for kind, applies in ((OverlayKind.REMEDIATED, False), (OverlayKind.CONTRADICTED, True)):
            rating = rating_of(snapshot, overlays=[Overlay("skipped", kind, NOON, Fraction(0), 3)])
            assert rating.score is not None
            assert rating.score.by_question["skipped"].applies is applies

    def test_a_fixed_critical_question_caps_no_longer(self) -> None:
        fix = Overlay("secrets", OverlayKind.REMEDIATED, NOON, Fraction(1), 2)
        rating = rating_of(with_critical("0"), overlays=[fix])
        assert (rating.caps, rating.band) == ((), Band.STRONG)
        assert [one.frozen.value for one in rating.lines if one.overlay == fix] == [0]

    def test_refuses_a_question_that_was_not_asked(self) -> None:
        with pytest.raises(InvalidOverlay, match="charm: there is no such answer"):
            rating_of(PERFECT, overlays=[Overlay("charm", OverlayKind.REMEDIATED, NOON, Fraction(1))])

    @for_each(("kind", "value"), [(OverlayKind.EXPIRED, "1"), (OverlayKind.REMEDIATED, None)])
    def test_refuses_what_its_kind_cannot_bring(self, kind: OverlayKind, value: str | None) -> None:
        with pytest.raises(InvalidOverlay, match="do not go together"):
            overlay(kind, value)


class TestClock:
    @for_each(("last_day", "score"), [(YESTERDAY, 90), (TODAY, 100), (TOMORROW, 100), (None, 100)])
    def test_evidence_counts_through_its_last_day(self, last_day: date | None, score: int) -> None:
        assert provenance("1", 3, evidence_validity={"provenance.only": last_day})[0] == score

    def test_changes_at_is_the_first_day_that_matters(self) -> None:
        rating = rating_of(
            PERFECT,
            findings=[
                finding(Severity.MEDIUM, due_on=date(2026, 3, 27)),
                finding(Severity.HIGH, number="F-2", due_on=date(2026, 3, 28)),
            ],
            review_due=date(2026, 4, 30),
        )
        assert rating.changes_at == datetime(2026, 3, 28, 23, tzinfo=UTC)

    def test_days_begin_in_the_organisations_zone_also_across_the_change_to_summer_time(self) -> None:
        rating = rating_of(PERFECT, review_due=date(2026, 3, 29))
        assert rating.changes_at == datetime(2026, 3, 29, 22, tzinfo=UTC)
        auckland = rating_of(PERFECT, review_due=date(2026, 3, 29), zone=ZoneInfo("Pacific/Auckland"))
        assert auckland.changes_at == datetime(2026, 3, 29, 11, tzinfo=UTC)

    def test_the_same_moment_is_another_day_elsewhere(self) -> None:
        late = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
        assert caps_of(review_due=TODAY, as_of=late, zone=UTC) == []
        assert caps_of(review_due=TODAY, as_of=late, zone=ZoneInfo("Europe/Berlin")) == [("stale", "review", 84)]

    def test_nothing_ahead_means_it_never_changes(self) -> None:
        assert rating_of(PERFECT, review_due=date.max).changes_at is None
        assert rating_of(PERFECT, review_due=YESTERDAY).changes_at is None

    def test_expiring_evidence_of_a_no_changes_nothing(self) -> None:
        unproven = scored(every_dimension_at("0", level=0))
        validity = {f"{key.key}.only": TODAY for key in METHOD.dimensions}
        assert rating_of(unproven, evidence_validity=validity, review_due=None).changes_at is None

    def test_refuses_a_moment_without_offset(self) -> None:
        with pytest.raises(ValueError, match="needs an offset"):
            rating_of(PERFECT, as_of=datetime(2026, 3, 10, 12))


@for_each(
    ("changes", "reason"),
    [
        ({"snapshot": with_critical("0")}, "A critical question is failed."),
        ({"snapshot": with_critical(None)}, "A critical question is unanswered."),
        ({"findings": [finding()]}, "Finding F-1 of severity Critical is open."),
        (
            {"findings": [finding(Severity.HIGH, due_on=YESTERDAY)]},
            "Finding F-1 of severity High was due on 9 Mar 2026.",
        ),
        ({"findings": [finding(Severity.HIGH, due_on=None)]}, "Finding F-1 of severity High has no due date."),
        ({"review_due": None}, "No review date is set."),
        ({"review_due": YESTERDAY}, "The review was due on 9 Mar 2026."),
        ({"tools_changed": True}, "The tools changed since the assessment."),
    ],
)
def test_a_cap_says_why_and_what_lifts_it(changes: dict[str, Any], reason: str) -> None:
    [cap] = rating_of(**{"snapshot": PERFECT} | changes).caps
    assert (cap.reason, cap.lifted_by) == (reason, METHOD.caps[cap.id].lifted_by)


def test_the_cap_of_the_weakest_dimension_names_it_and_its_band() -> None:
    answers = [*every_dimension_at("1")[:4], line("weak", 3, "1/2", 3, dimension="operational_resilience")]
    [cap] = rating_of(scored(answers)).caps
    assert cap.reason == "The worst dimension, Operational resilience, is Weak."
    assert cap.lifted_by == "The worst dimension reaches a better band."


@for_each(
    ("severity", "due_on", "counts", "free_until"),
    [
        (Severity.CRITICAL, LATER, True, None),
        (Severity.HIGH, YESTERDAY, True, YESTERDAY),
        (Severity.HIGH, TODAY, False, TODAY),
        (Severity.HIGH, None, True, None),
        (Severity.MEDIUM, YESTERDAY, False, None),
        (Severity.LOW, None, False, None),
    ],
)
def test_a_finding_that_no_answer_raised_counts_by_its_severity_and_day(
    severity: Severity, due_on: date | None, counts: bool, free_until: date | None
) -> None:
    assert counts_on(TODAY, severity=severity, due_on=due_on) is counts
    assert last_day_free(severity=severity, due_on=due_on) == free_until


def test_caps_that_come_from_a_question_say_it_in_words() -> None:
    texts = {"security_posture.q1": "Are secrets kept apart?", "F-1": "no question"}
    answers = [line("security_posture.q1", 5, None, critical=True, dimension="security_posture")]
    rating = in_words(rating_of(scored(answers), tools_changed=True), texts)
    assert [(cap.subject, cap.question) for cap in rating.caps] == [
        ("security_posture.q1", "Are secrets kept apart?"),
        ("security_posture", ""),
        ("tools", ""),
    ]
    assert [cap["question"] for cap in write(rating)["caps"]] == ["Are secrets kept apart?", "", ""]
    accepted = finding(Severity.LOW, "accepted", question="secrets", accepted_until=TODAY)
    held_off = in_words(rating_of(with_critical("0"), findings=[accepted]), {"secrets": "Are secrets kept apart?"})
    assert [cap.question for cap in held_off.lifted] == ["Are secrets kept apart?"]


def test_a_rating_is_written_as_canonical_json_with_exact_numbers() -> None:
    fix = Overlay("permission_scope.q3", OverlayKind.REMEDIATED, NOON, Fraction(1, 2), 1)
    written = write(rating_of(scored(worked_example()), overlays=[fix], tools_changed=True))
    assert written["overall"] == "295/4"
    assert [(cap["id"], cap["at_most"], cap["binds"]) for cap in written["caps"]] == [
        ("weakest-dimension", "84", False),
        ("stale", "84", False),
    ]
    assert [(row["question"], row["frozen"]["value"], row["now"]["value"]) for row in written["overlaid"]] == [
        ("permission_scope.q3", None, "1/2")
    ]
    assert written["changes_at"] == "2027-01-01T23:00:00+00:00"
    assert canonical(written).startswith('{"as_of":"2026-03-10T12:00:00+00:00","band":"adequate"')
