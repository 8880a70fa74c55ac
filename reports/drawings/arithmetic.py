"""The printed arithmetic: a frozen score sheet line by line, with the ceilings and sums to recompute it from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from assessments import snapshots
from scoring import assurance
from scoring.methodology import Methodology
from scoring.scales import Band
from scoring.scoresheet import number

NO_CREDIT = {
    "not_applicable": "not applicable",
    "dont_know": "don't know",
    "unanswered": "not answered",
}


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One question: `credit` of `weight`, by the smaller of the answer's `value` and its evidence's `ceiling`.

    `others` are the answers for the other deployments, none worse.
    """

    question: str
    weight: int
    is_critical: bool
    applies: bool
    state: str
    value: Fraction | None
    level: int
    ceiling: Fraction
    credit: Fraction
    answer: Mapping[str, Any]
    others: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class PrintedDimension:
    """A dimension with its lines and sums; `contribution` is its share of the overall score times its score."""

    key: str
    title: str
    status: str
    lines: tuple[PrintedLine, ...]
    weights: int
    credits: Fraction
    score: Fraction | None
    band: Band
    coverage: Fraction | None
    confidence: Fraction | None
    not_applicable: Fraction
    weight: int
    share: Fraction
    contribution: Fraction | None


def dimensions(
    snapshot: Mapping[str, Any], method: Methodology, *, numbers: Mapping[str, int]
) -> tuple[PrintedDimension, ...]:
    """Return the dimensions of a snapshot in the methodology's order, their lines by the numbers of the questions."""
    answers = {snapshots.key_of(row): row for row in snapshot["answers"]}
    rows = sorted(snapshot["sheet"]["lines"], key=lambda row: numbers[row["question"]])
    lines = [(row["dimension"], _line(row, answers, method)) for row in rows]
    return tuple(
        _dimension(row, tuple(line for key, line in lines if key == row["key"]), method)
        for row in snapshot["sheet"]["dimensions"]
    )


def _line(row: Mapping[str, Any], answers: Mapping[str, Mapping[str, Any]], method: Methodology) -> PrintedLine:
    return PrintedLine(
        question=row["question"],
        weight=row["weight"],
        is_critical=row["critical"],
        applies=row["applies"],
        state=NO_CREDIT.get(row["state"], ""),
        value=number(row["value"]),
        level=row["evidence_level"],
        ceiling=method.evidence(row["evidence_level"]).ceiling,
        credit=number(row["credit"]) or Fraction(0),
        answer=answers[assurance.key_of(row["question"], row.get("deployment"))],
        others=tuple(
            answers[assurance.key_of(one["question"], one.get("deployment"))] for one in row.get("others", ())
        ),
    )


def _dimension(row: Mapping[str, Any], lines: Sequence[PrintedLine], method: Methodology) -> PrintedDimension:
    score, share = number(row["score"]), number(row["share"]) or Fraction(0)
    return PrintedDimension(
        key=row["key"],
        title=method.dimension(row["key"]).title,
        status=row["status"],
        lines=tuple(lines),
        weights=sum(line.weight for line in lines if line.applies),
        credits=sum((line.credit for line in lines), Fraction(0)),
        score=score,
        band=Band(row["band"]),
        coverage=number(row["coverage"]),
        confidence=number(row["confidence"]),
        not_applicable=number(row["not_applicable"]) or Fraction(0),
        weight=row["weight"],
        share=share,
        contribution=None if score is None else score * share,
    )
