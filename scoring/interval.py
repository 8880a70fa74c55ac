"""Where the score of an open assessment can still end."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from scoring.assurance import ONE, Line, State, is_open, rate
from scoring.methodology import Methodology


@dataclass(frozen=True, slots=True)
class Span:
    """The lowest and the highest score (0 to 100) that can still come out."""

    low: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class Interval:
    """Where an open assessment can still end, overall and by dimension; None where nothing applies.

    `needs_acceptance` names the dimensions that will be "not rateable" unless the reviewer accepts them.
    """

    overall: Span | None
    dimensions: dict[str, Span | None]
    coverage: Fraction | None
    needs_acceptance: tuple[str, ...]


def interval(lines: Iterable[Line], methodology: Methodology) -> Interval:
    """Return where the score can still end while the assessment is open: what is unanswered counts 0 … 1.

    "Don't know" and a "not applicable" that still waits for the reviewer are as open as no answer. A dimension that
    will need the reviewer's acceptance is counted as if it were accepted, and named.
    """
    lines = tuple(lines)
    if_confirmed = (replace(line, na_confirmed=line.state is State.NOT_APPLICABLE) for line in lines)
    every = [dimension.key for dimension in methodology.dimensions]
    best = methodology.evidence_levels[-1].level
    at_best = (
        replace(line, state=State.OPTION, value=ONE, evidence_level=best) if is_open(line, methodology) else line
        for line in lines
    )
    low, high = rate(lines, methodology, accepted=every), rate(at_best, methodology, accepted=every)
    return Interval(
        overall=_span(low.overall, high.overall),
        dimensions={a.key: _span(a.score, b.score) for a, b in zip(low.dimensions, high.dimensions, strict=True)},
        coverage=low.coverage,
        needs_acceptance=rate(if_confirmed, methodology).not_rateable,
    )


def _span(low: Fraction | None, high: Fraction | None) -> Span | None:
    return None if low is None or high is None else Span(low=low, high=high)
