"""A question about deployments has an answer for each: the worst counts, and the sheet says whose it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import scoresheet
from scoring.assurance import Gap, InvalidLine, Line, Score, State, gap, rate
from scoring.interval import interval
from scoring.overlays import Overlay, OverlayKind
from tests.assessments.answers import DIMENSIONS, METHOD, NOON, TODAY, line, lines, rating_of, scored

QUESTION = "permission_scope.isolation"


def of(deployment: str, value: str | None, level: int = 3, **other: object) -> Line:
    return line(QUESTION, 3, value, level, deployment=deployment, **other)


def counting(*given: Line) -> str:
    return scored(list(given)).by_question[QUESTION].line.deployment


def test_the_worst_counts_and_is_named() -> None:
    score = scored([of("D-1", "1"), of("D-2", "1/2"), of("D-3", "3/4")])
    [one] = score.lines
    assert (one.line.deployment, one.credit) == ("D-2", Fraction(3, 2))
    assert [other.deployment for other in one.others] == ["D-3", "D-1"]
    assert score.by_question[QUESTION].line.key == "permission_scope.isolation@D-2"


def test_weak_evidence_is_worse_than_a_lesser_answer_that_is_proven() -> None:
    assert counting(of("D-1", "1", 0), of("D-2", "3/4", 2)) == "D-1"


def test_a_deployment_without_an_answer_is_the_worst() -> None:
    assert counting(of("D-1", "0"), of("D-2", None)) == "D-2"


def test_what_does_not_apply_in_one_deployment_yields_to_the_others() -> None:
    left_out = of("D-1", None, state=State.NOT_APPLICABLE, na_confirmed=True)
    assert counting(left_out, of("D-2", "1")) == "D-2"
    assert not scored([left_out]).by_question[QUESTION].applies


def test_weights_count_once_however_many_deployments_there_are() -> None:
    other = line("permission_scope.other", 3, "1", 3)
    assert scored([of("D-1", "1/2"), other]).overall == scored([of("D-1", "1/2"), of("D-2", "1"), other]).overall


def test_a_question_about_one_deployment_comes_once() -> None:
    for given_lines in ([of("D-1", "1"), of("D-1", "0")], [of("D-1", "1"), line(QUESTION, 3, "1", 3)]):
        with pytest.raises(InvalidLine, match="comes twice"):
            scored(given_lines)
    with pytest.raises(InvalidLine, match="it is another question for D-2"):
        scored([of("D-1", "1"), replace(of("D-2", "1"), weight=5)])


deployments = st.lists(lines, min_size=1, max_size=4).map(
    lambda drawn: [
        replace(one, question="q", deployment=f"D-{index}", dimension="provenance", weight=3, critical=False)
        for index, one in enumerate(drawn)
    ]
)


@given(deployments)
def test_the_sheet_recomputes_the_choice(drawn: list[Line]) -> None:
    score = scored(drawn, ["provenance"])
    again = scoresheet.recompute(scoresheet.write(score), methodology=METHOD)
    assert again == score


def test_a_sheet_that_hides_the_worst_does_not_recompute() -> None:
    sheet = scoresheet.write(scored([of("D-1", "1"), of("D-2", "0")]))
    [row] = sheet["lines"]
    better = row["others"][0] | {
        "applies": True,
        "credit": "3",
        "others": [{key: row[key] for key in row["others"][0]}],
    }
    with pytest.raises(scoresheet.DoesNotRecompute, match="lines"):
        scoresheet.recompute(sheet | {"lines": [better]}, methodology=METHOD)


@given(deployments, lines)
def test_a_further_deployment_never_raises_the_score(drawn: list[Line], one: Line) -> None:
    further = replace(drawn[0], deployment="D-9", state=one.state, value=one.value, evidence_level=one.evidence_level)

    def overall(given_lines: list[Line]) -> Fraction:
        score = rate(given_lines, METHOD, accepted=["provenance"])
        return Fraction(100) if score.overall is None else score.overall

    assert overall([*drawn, further]) <= overall(drawn)


def test_an_open_assessment_can_end_no_higher_than_its_worst_deployment() -> None:
    span = interval([of("D-1", "1/2"), of("D-2", None)], METHOD).dimensions["permission_scope"]
    assert span is not None
    assert [str(span.low), str(span.high)] == ["0", "50"]


def test_an_option_can_raise_its_finding_however_good_it_is() -> None:
    assert gap(line(QUESTION, 3, "3/4"), METHOD) is None
    assert gap(line(QUESTION, 3, "3/4", raises=True), METHOD) is Gap.CONTROL


class TestOverTime:
    def frozen(self) -> Score:
        return scored([of("D-1", "0"), of("D-2", "1", 2), of("D-3", "1", 3)], DIMENSIONS)

    def now(self, **changes: object) -> tuple[str, str]:
        rating = rating_of(self.frozen(), **changes)
        assert rating.score is not None
        [one] = rating.score.lines
        return one.line.deployment, str(rating.score.overall)

    def test_a_verified_fix_is_one_of_the_deployments_that_the_finding_named(self) -> None:
        fixed = Overlay(QUESTION, OverlayKind.REMEDIATED, NOON - timedelta(days=1), Fraction(1), 3)
        assert self.now() == ("D-1", "0")
        assert self.now(overlays=[fixed]) == ("D-2", "90")

    def test_evidence_of_each_deployment_runs_out_on_its_own_day(self) -> None:
        fixed = Overlay(QUESTION, OverlayKind.REMEDIATED, NOON - timedelta(days=1), Fraction(1), 3)
        ran_out = {f"{QUESTION}@D-2": TODAY - timedelta(days=1)}
        assert self.now(overlays=[fixed], evidence_validity=ran_out) == ("D-2", "75")
        ran_out = {f"{QUESTION}@D-3": TODAY}
        assert self.now(overlays=[fixed], evidence_validity=ran_out) == ("D-2", "90")

    def test_the_day_on_which_evidence_of_a_deployment_runs_out_is_the_next_that_changes_it(self) -> None:
        fixed = Overlay(QUESTION, OverlayKind.REMEDIATED, NOON - timedelta(days=1), Fraction(1), 3)
        rating = rating_of(self.frozen(), overlays=[fixed], evidence_validity={f"{QUESTION}@D-2": TODAY})
        assert rating.changes_at == datetime(2026, 3, 10, 23, tzinfo=UTC)

    def test_a_fix_that_was_taken_back_and_verified_again_leaves_the_others_as_they_were(self) -> None:
        fixed, taken_back, again = (
            Overlay(QUESTION, kind, NOON - timedelta(days=days), value, 3)
            for kind, days, value in (
                (OverlayKind.REMEDIATED, 3, Fraction(1)),
                (OverlayKind.CONTRADICTED, 2, Fraction(0)),
                (OverlayKind.REMEDIATED, 1, Fraction(1)),
            )
        )
        assert self.now(overlays=[fixed, taken_back]) == ("D-1", "0")
        assert self.now(overlays=[fixed, taken_back, again]) == ("D-2", "90")
