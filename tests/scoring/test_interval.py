"""Where an open assessment can still end."""

from fractions import Fraction

from scoring.assurance import State
from scoring.interval import Span, interval
from tests.assessments.answers import METHOD, every_dimension_at, line


def test_unanswered_spans_from_0_to_1() -> None:
    found = interval([*every_dimension_at("1")[1:], line("provenance.only", 3, dimension="provenance")], METHOD)
    assert found.overall == Span(Fraction(80), Fraction(100))
    assert found.dimensions["provenance"] == Span(Fraction(0), Fraction(100))
    assert found.dimensions["data_handling"] == Span(Fraction(100), Fraction(100))
    assert found.coverage == Fraction(4, 5)


def test_dont_know_and_unconfirmed_not_applicable_are_as_open() -> None:
    for state in (State.DONT_KNOW, State.NOT_APPLICABLE):
        open_line = line("provenance.only", 3, dimension="provenance", state=state)
        assert interval([*every_dimension_at("1")[1:], open_line], METHOD).overall == Span(Fraction(80), Fraction(100))


def test_a_finished_assessment_has_no_width() -> None:
    assert interval(every_dimension_at("1/2"), METHOD).overall == Span(Fraction(50), Fraction(50))


def test_names_the_dimensions_that_the_reviewer_must_accept() -> None:
    skipped = line("provenance.only", 3, dimension="provenance", state=State.NOT_APPLICABLE)
    found = interval([*every_dimension_at("1")[1:], skipped], METHOD)
    assert found.needs_acceptance == ("provenance",)
    assert interval(every_dimension_at("1"), METHOD).needs_acceptance == ()


def test_counts_what_waits_for_acceptance_as_accepted() -> None:
    skipped = line("provenance.only", 3, dimension="provenance", state=State.NOT_APPLICABLE, na_confirmed=True)
    half = every_dimension_at("1/2")[1:]
    found = interval([*half, skipped], METHOD)
    assert found.overall == Span(Fraction(50), Fraction(50))
    assert found.dimensions["provenance"] is None


def test_nothing_that_applies_has_no_interval() -> None:
    found = interval([line("q", state=State.NOT_APPLICABLE, na_confirmed=True)], METHOD)
    assert (found.overall, found.dimensions["permission_scope"], found.coverage) == (None, None, None)
