"""A score on paper: plain data with exact fractions as text, from which anybody can recompute it."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from scoring import methodology as methodologies
from scoring.assurance import DimensionScore, Line, Score, ScoredLine, State, rate
from scoring.methodology import Methodology
from scoring.scales import Severity


class DoesNotRecompute(Exception):
    """What is written as the result does not follow from the lines that are written with it."""


def write(score: Score) -> dict[str, Any]:
    """Return the score as plain data, ready for canonical JSON: every number that is not whole as text, "35/4"."""
    return {
        "methodology": {"version": score.methodology.version, "digest": score.methodology.digest},
        "accepted_dimensions": sorted(score.accepted),
        "lines": [_write_line(scored) for scored in score.lines],
        "dimensions": [_write_dimension(dimension) for dimension in score.dimensions],
        "overall": text(score.overall),
        "band": score.band.value,
        "coverage": text(score.coverage),
        "confidence": text(score.confidence),
    }


def read_lines(sheet: Mapping[str, Any]) -> tuple[Line, ...]:
    """Return the lines of a score sheet, those of other deployments too.

    Raises InvalidLine, KeyError or ValueError when one cannot be read.
    """
    return tuple(_read_line(one) for row in sheet["lines"] for one in (row, *row.get("others", ())))


def recompute(sheet: Mapping[str, Any], *, methodology: Methodology | None = None) -> Score:
    """Return the score that follows from the lines of a sheet, after checking it against what the sheet says.

    The methodology is the published one of the sheet's version unless given. Entries that `write` does not make are
    left alone. Raises DoesNotRecompute when the methodology is another one, or naming the entries that differ.
    """
    method = methodology or methodologies.load(sheet["methodology"]["version"])
    if method.digest != sheet["methodology"]["digest"]:
        raise DoesNotRecompute(f"Methodology {method.version} has the digest {method.digest}, the sheet names another.")
    score = rate(read_lines(sheet), method, accepted=sheet["accepted_dimensions"])
    differing = [key for key, value in write(score).items() if sheet.get(key) != value]
    if differing:
        raise DoesNotRecompute(f"These entries do not follow from the lines: {', '.join(differing)}.")
    return score


def text(value: Fraction | None) -> str | None:
    """Return the one spelling of an exact number: "875/13", "80", or None."""
    return None if value is None else str(value)


def number(written: str | None) -> Fraction | None:
    """Return the exact number that `text` wrote. Raises ValueError for what is none."""
    return None if written is None else Fraction(written)


def write_answer(line: Line) -> dict[str, Any]:
    """Return the line as plain data, without what it counts; what it does not have is left out."""
    about = {"deployment": line.deployment} if line.deployment else {}
    raises = {"raises": True} if line.raises else {}
    contradicted = {"contradicted": True} if line.contradicted else {}
    return (
        about
        | raises
        | contradicted
        | {
            "question": line.question,
            "dimension": line.dimension,
            "subject": line.subject,
            "weight": line.weight,
            "critical": line.critical,
            "severity": line.severity.word,
            "state": line.state.value,
            "value": text(line.value),
            "evidence_level": line.evidence_level,
            "na_confirmed": line.na_confirmed,
        }
    )


def _write_line(scored: ScoredLine) -> dict[str, Any]:
    others = {"others": [write_answer(line) for line in scored.others]} if scored.others else {}
    return write_answer(scored.line) | {"applies": scored.applies, "credit": text(scored.credit)} | others


def _read_line(row: Mapping[str, Any]) -> Line:
    return Line(
        question=row["question"],
        dimension=row["dimension"],
        subject=row["subject"],
        weight=row["weight"],
        critical=row["critical"],
        severity=Severity.of(row["severity"]),
        state=State(row["state"]),
        value=number(row["value"]),
        evidence_level=row["evidence_level"],
        na_confirmed=row["na_confirmed"],
        deployment=row.get("deployment", ""),
        raises=row.get("raises", False),
        contradicted=row.get("contradicted", False),
    )


def _write_dimension(dimension: DimensionScore) -> dict[str, Any]:
    return {
        "key": dimension.key,
        "weight": dimension.weight,
        "status": dimension.status.value,
        "score": text(dimension.score),
        "band": dimension.band.value,
        "coverage": text(dimension.coverage),
        "confidence": text(dimension.confidence),
        "not_applicable": text(dimension.not_applicable),
        "share": text(dimension.share),
    }
