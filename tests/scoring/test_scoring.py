"""The arithmetic of the assurance score, with exact values."""

from fractions import Fraction

import pytest

from scoring.assurance import DimensionStatus, Gap, InvalidLine, State, gap, needs_confirmation, shown
from scoring.methodology import load
from scoring.scales import Band, Residual
from tests.assessments.answers import DIMENSIONS, METHOD, every_dimension_at, line, rating_of, scored, worked_example
from tests.tables import for_each


class TestWorkedExample:
    score = scored(worked_example())

    def test_credits_of_permission_scope(self) -> None:
        credits = [one.credit for one in self.score.lines if one.line.dimension == "permission_scope"]
        assert credits == [Fraction(5), Fraction(3, 2), Fraction(9, 4), Fraction(0)]

    def test_scores_by_dimension(self) -> None:
        assert [dimension.score for dimension in self.score.dimensions] == [
            Fraction(80),
            Fraction(875, 13),
            Fraction(55),
            Fraction(145, 2),
            Fraction(90),
        ]

    def test_coverage_and_confidence(self) -> None:
        scope = self.score.dimensions[1]
        assert (scope.coverage, scope.confidence) == (Fraction(11, 13), Fraction(5, 11))
        assert (shown(100 * Fraction(11, 13), places=1), shown(100 * Fraction(5, 11), places=1)) == ("84.6", "45.5")

    def test_overall(self) -> None:
        exact = (20 * 80 + 25 * Fraction(875, 13) + 20 * 55 + 20 * Fraction(145, 2) + 15 * 90) / 100
        assert self.score.overall == exact
        assert shown(exact) == "71.83"
        assert self.score.band is Band.ADEQUATE

    def test_weakest_dimension_allows_adequate_and_tier_2_leaves_medium(self) -> None:
        rating = rating_of(self.score)
        assert [(cap.id, cap.subject, cap.at_most) for cap in rating.caps] == [
            ("weakest-dimension", "data_handling", Fraction(84))
        ]
        assert not rating.binds(rating.caps[0])
        assert (rating.overall, rating.band, rating.residual) == (self.score.overall, Band.ADEQUATE, Residual.MEDIUM)


@for_each(("level", "most"), [(0, "3/5"), (1, "3/4"), (2, "9/10"), (3, "1")])
@for_each("value", ["0", "1/4", "1/2", "3/4", "1"])
def test_a_ceiling_limits_good_answers_only(value: str, level: int, most: str) -> None:
    one = scored([line("q", 5, value, level)]).lines[0]
    assert one.credit == 5 * min(Fraction(value), Fraction(most))


@for_each(
    ("score", "band"),
    [
        ("100", Band.STRONG),
        ("85", Band.STRONG),
        ("84999/1000", Band.ADEQUATE),
        ("70", Band.ADEQUATE),
        ("69999/1000", Band.WEAK),
        ("40", Band.WEAK),
        ("39999/1000", Band.UNACCEPTABLE),
        ("0", Band.UNACCEPTABLE),
    ],
)
def test_bands_are_compared_on_the_exact_value(score: str, band: Band) -> None:
    assert METHOD.band(Fraction(score)) is band


def test_a_score_shown_as_85_can_still_be_adequate() -> None:
    nearly = Fraction(84_999, 1000)
    assert (shown(nearly), METHOD.band(nearly)) == ("85.00", Band.ADEQUATE)


@for_each(
    ("value", "places", "text"),
    [
        ("875/13", 2, "67.31"),
        ("1/8", 2, "0.13"),
        ("5/1000", 2, "0.01"),
        ("4999/1000000", 2, "0.00"),
        ("1/2", 0, "1"),
        ("100", 1, "100.0"),
        ("-1/8", 2, "-0.13"),
        ("-1/1000", 2, "0.00"),
    ],
)
def test_display_rounds_half_up(value: str, places: int, text: str) -> None:
    assert shown(Fraction(value), places=places) == text


class TestSilence:
    def test_unanswered_counts_nothing_and_stays_in_the_denominator(self) -> None:
        score = scored([line("a", 1, "1", 3), line("b", 3)], DIMENSIONS)
        assert score.dimensions[1].score == 25
        assert score.coverage == Fraction(1, 4)

    def test_dont_know_is_the_same(self) -> None:
        silent = scored([line("a", 1, "1", 3), line("b", 3)], DIMENSIONS)
        unsure = scored([line("a", 1, "1", 3), line("b", 3, state=State.DONT_KNOW)], DIMENSIONS)
        assert (unsure.overall, unsure.coverage, unsure.confidence) == (
            Fraction(25),
            silent.coverage,
            silent.confidence,
        )

    def test_nothing_answered_has_no_confidence(self) -> None:
        score = scored([line("a"), line("b")], DIMENSIONS)
        assert [score.coverage, score.confidence, score.overall] == [Fraction(0)] * 3

    @for_each("state", [State.UNANSWERED, State.DONT_KNOW])
    def test_evidence_without_an_answer_gives_no_confidence(self, state: State) -> None:
        score = scored([line("a", 1, "1", 1), line("b", 3, level=3, state=state)], DIMENSIONS)
        assert (score.coverage, score.confidence) == (Fraction(1, 4), Fraction(0))

    @for_each(
        ("answer", "lacks"),
        [
            (line("q"), Gap.INFORMATION),
            (line("q", state=State.DONT_KNOW), Gap.INFORMATION),
            (line("q", value="0"), Gap.CONTROL),
            (line("q", value="1/4", level=3), Gap.CONTROL),
            (line("q", value="1/2"), None),
            (line("q", value="1"), None),
            (line("q", state=State.NOT_APPLICABLE), Gap.INFORMATION),
            (line("q", state=State.NOT_APPLICABLE, na_confirmed=True), None),
            (line("q", 2, state=State.NOT_APPLICABLE), None),
        ],
    )
    def test_what_an_answer_lacks(self, answer, lacks) -> None:
        assert gap(answer, METHOD) is lacks


class TestNotApplicable:
    def test_leaves_both_sums(self) -> None:
        score = scored([line("a", 5, "1/2", 3), line("b", 2, state=State.NOT_APPLICABLE)])
        scope = score.dimensions[1]
        assert (scope.score, scope.coverage, scope.not_applicable) == (Fraction(50), Fraction(1), Fraction(2, 7))

    @for_each(
        ("weight", "critical", "needed"), [(2, False, False), (2, True, True), (3, False, True), (5, False, True)]
    )
    def test_the_reviewer_confirms_heavy_and_critical_ones(self, weight: int, critical: bool, needed: bool) -> None:
        one = line("q", weight, critical=critical, state=State.NOT_APPLICABLE)
        assert needs_confirmation(one, METHOD) is needed

    def test_counts_as_unanswered_until_it_is_confirmed(self) -> None:
        rest = [line("a", 5, "1", 3), line("b", 5, "1", 3)]
        waiting = scored([*rest, line("c", 3, state=State.NOT_APPLICABLE)])
        confirmed = scored([*rest, line("c", 3, state=State.NOT_APPLICABLE, na_confirmed=True)])
        assert waiting.dimensions[1].score == Fraction(1000, 13)
        assert confirmed.dimensions[1].score == 100

    def test_exactly_30_percent_is_rateable(self) -> None:
        score = scored([line("a", 7, "1", 3), line("b", 3, state=State.NOT_APPLICABLE, na_confirmed=True)])
        assert score.dimensions[1].status is DimensionStatus.RATED

    def test_above_30_percent_is_not_rateable_and_neither_is_the_whole(self) -> None:
        others = [one for one in every_dimension_at("1") if one.dimension != "permission_scope"]
        skipped = line("b", 2, state=State.NOT_APPLICABLE)
        score = scored([*others, line("a", 3, "1", 3), skipped])
        assert score.not_rateable == ("permission_scope",)
        assert (score.overall, score.band) == (None, Band.NOT_ASSESSED)
        assert rating_of(score).residual is Residual.NOT_ASSESSED
        agreed = scored([*others, line("a", 3, "1", 3), skipped], ["permission_scope"])
        assert (agreed.overall, agreed.not_rateable) == (Fraction(100), ())

    def test_an_accepted_dimension_that_never_applies_is_left_out_and_its_weight_spread(self) -> None:
        values = {"provenance": "1", "data_handling": "0", "security_posture": "0", "operational_resilience": "0"}
        others = [line(key, 3, value, 3, dimension=key) for key, value in values.items()]
        nothing = line("n", 3, state=State.NOT_APPLICABLE, na_confirmed=True)
        assert scored([*others, nothing]).not_rateable == ("permission_scope",)
        score = scored([*others, nothing], ["permission_scope"])
        assert score.left_out == ("permission_scope",)
        assert score.overall == Fraction(100 * 20, 75)
        assert [dimension.share for dimension in score.dimensions] == [
            Fraction(20, 75),
            0,
            Fraction(20, 75),
            Fraction(20, 75),
            Fraction(15, 75),
        ]

    def test_a_dimension_without_questions_is_not_rateable(self) -> None:
        assert scored(every_dimension_at("1")[1:]).not_rateable == ("provenance",)

    def test_all_dimensions_left_out_is_not_assessed(self) -> None:
        score = scored([], DIMENSIONS)
        assert (score.overall, score.band, score.coverage, score.worst) == (None, Band.NOT_ASSESSED, None, None)


class TestRefuses:
    def test_a_value_without_an_option(self) -> None:
        with pytest.raises(InvalidLine, match="a value belongs to an option"):
            line("q", value="1", state=State.DONT_KNOW)

    def test_an_option_without_a_value(self) -> None:
        with pytest.raises(InvalidLine, match="an option has a value"):
            line("q", state=State.OPTION)

    @for_each("value", ["-1/4", "5/4"])
    def test_a_value_outside_0_to_1(self, value: str) -> None:
        with pytest.raises(InvalidLine, match="does not lie from 0 to 1"):
            line("q", value=value)

    def test_a_weight_below_1(self) -> None:
        with pytest.raises(InvalidLine, match="less than 1"):
            line("q", 0)

    def test_the_same_question_twice(self) -> None:
        with pytest.raises(InvalidLine, match="q: the question comes twice"):
            scored([line("q", value="1"), line("q", value="0")])

    def test_a_dimension_or_an_evidence_level_that_does_not_exist(self) -> None:
        with pytest.raises(InvalidLine, match="no dimension charm"):
            scored([line("q", dimension="charm")])
        with pytest.raises(InvalidLine, match="evidence level 4"):
            scored([line("q", value="1", level=4)])


def test_lines_come_in_the_order_of_dimensions_and_keys() -> None:
    score = scored(worked_example()[::-1])
    assert [one.line.question for one in score.lines][:3] == ["provenance.q0", "provenance.q1", "permission_scope.q0"]
    assert score.by_question["permission_scope.q2"].credit == Fraction(9, 4)


def test_the_worst_dimension_is_the_first_of_equals() -> None:
    worst = scored(every_dimension_at("1/2")).worst
    assert worst is not None
    assert worst.key == "provenance"


def test_the_method_is_loaded_once() -> None:
    assert load(1) is load(1)
