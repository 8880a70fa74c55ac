"""The current rating: what a frozen score amounts to at a moment, with everything that has happened since.

A pure function of the frozen answers, the overlays, the findings, the evidence's last days and the moment. The clock
alone only ever lowers it, and `changes_at` says when it next does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from fractions import Fraction
from typing import Any

from scoring import deadlines, scoresheet
from scoring.assurance import Line, Score, gap, rate
from scoring.caps import Cap, Freshness, RatedFinding, all_caps
from scoring.methodology import Methodology
from scoring.overlays import CurrentLine, Overlay, OverlayKind, by_question, last_days, lay
from scoring.residual import residual_risk
from scoring.scales import Band, Residual


@dataclass(frozen=True, slots=True)
class Rating:
    """The rating at one moment; `overall` (0 to 100, after caps) is None exactly when the band is "not assessed".

    `score` is the arithmetic of the answers that count now, before caps; `caps` are in force, `lifted` are held off by
    an acceptance for a while. `changes_at` (UTC) is the next moment at which the clock alone changes the rating; None
    when it never will.
    """

    as_of: datetime
    inherent_tier: int
    score: Score | None
    overall: Fraction | None
    band: Band
    residual: Residual
    caps: tuple[Cap, ...] = ()
    lifted: tuple[Cap, ...] = ()
    lines: tuple[CurrentLine, ...] = ()
    changes_at: datetime | None = None

    def binds(self, cap: Cap) -> bool:
        """Return whether the score before caps is above this cap."""
        return self.score is not None and self.score.overall is not None and self.score.overall > cap.at_most

    @property
    def held_by(self) -> tuple[Cap, ...]:
        """Return the caps that allow no better band than the rating has, those included that need not bind today.

        Worse answers must not excuse a cap: with better ones it would hold the rating there alone.
        """
        if self.score is None:
            return ()
        band = self.score.methodology.band
        return tuple(cap for cap in self.caps if band(cap.at_most) is self.band)

    @property
    def sort_key(self) -> tuple[int, int, Fraction]:
        """Return what lists sort by, the worst first: residual risk, band, score; not assessed before all others."""
        return self.residual.rank, self.band.rank, Fraction(-1) if self.overall is None else self.overall


@dataclass(frozen=True, slots=True)
class _Basis:
    """Everything the rating follows from, except the day."""

    as_of: datetime
    frozen: Score
    lines: tuple[Line, ...]
    overlays: Mapping[str, Sequence[Overlay]]
    valid_until: Mapping[str, date | None]
    findings: Sequence[RatedFinding]
    freshness: Freshness
    inherent_tier: int
    methodology: Methodology


def not_assessed(*, as_of: datetime, inherent_tier: int) -> Rating:
    """Return the rating of a server that nobody has assessed: no number, and no band that looks like one."""
    return Rating(as_of, inherent_tier, None, None, Band.NOT_ASSESSED, Residual.NOT_ASSESSED)


def current_rating(
    snapshot: Score | None,
    *,
    overlays: Iterable[Overlay],
    findings: Iterable[RatedFinding],
    evidence_validity: Mapping[str, date | None],
    as_of: datetime,
    zone: tzinfo,
    review_due: date | None,
    tools_changed: bool,
    approved_until: date | None,
    inherent_tier: int,
    methodology: Methodology,
    asked_depth: int | None = None,
    new_deployments: Sequence[str] = (),
) -> Rating:
    """Return the rating of a server at `as_of`, days being days in `zone`.

    `snapshot` is the frozen score, None for a server never assessed; `evidence_validity` gives, by the key of the line,
    the last day of the evidence that a frozen answer rests on (absent or None: it does not run out). Overlays after
    `as_of` are left out. `approved_until` is the last day of the approval that stands, None without one. `asked_depth`:
    how deep the assessment asked, None for a question set without depths; `new_deployments`: what came into use since.
    Raises InvalidOverlay for an overlay on a question that was not asked, ValueError when `as_of` has no offset.
    """
    today = deadlines.day_of(as_of, zone)
    if snapshot is None:
        return not_assessed(as_of=as_of, inherent_tier=inherent_tier)
    lines = snapshot.every_line
    too_shallow = asked_depth is not None and asked_depth < methodology.depths[inherent_tier]
    basis = _Basis(
        as_of=as_of,
        frozen=snapshot,
        lines=lines,
        overlays=by_question(overlays, (line.question for line in lines), as_of=as_of),
        valid_until=evidence_validity,
        findings=sorted(findings, key=lambda finding: finding.number),
        freshness=Freshness(review_due, tools_changed, approved_until, too_shallow, tuple(new_deployments)),
        inherent_tier=inherent_tier,
        methodology=methodology,
    )
    rating = _rating_on(today, basis, snapshot)
    last_day = _last_day_of(rating, rating.score or snapshot, today, basis)
    return replace(rating, changes_at=None if last_day is None else deadlines.moment_past(last_day, zone))


def in_words(rating: Rating, texts: Mapping[str, str]) -> Rating:
    """Return the rating with the words of the questions that its caps come from; `texts` gives them by key."""

    def worded(found: tuple[Cap, ...]) -> tuple[Cap, ...]:
        return tuple(replace(cap, question=texts.get(cap.subject, "")) for cap in found)

    return replace(rating, caps=worded(rating.caps), lifted=worded(rating.lifted))


def write(rating: Rating) -> dict[str, Any]:
    """Return the rating as plain data, ready for canonical JSON: exact numbers as text, moments in UTC."""
    return {
        "as_of": rating.as_of.astimezone(UTC).isoformat(),
        "inherent_tier": rating.inherent_tier,
        "overall": scoresheet.text(rating.overall),
        "band": rating.band.value,
        "residual": rating.residual.value,
        "caps": [_write_cap(cap, rating) for cap in rating.caps],
        "lifted": [_write_cap(cap, rating) for cap in rating.lifted],
        "score": scoresheet.write(rating.score) if rating.score else None,
        "overlaid": [_write_overlaid(line) for line in rating.lines if line.overlay or line.is_expired],
        "changes_at": rating.changes_at.isoformat() if rating.changes_at else None,
    }


def _rating_on(today: date, basis: _Basis, known: Score) -> Rating:
    method = basis.methodology
    lines = tuple(
        lay(
            line,
            _on(line, basis.overlays[line.question], method),
            valid_until=basis.valid_until.get(line.key),
            today=today,
            methodology=method,
        )
        for line in basis.lines
    )
    score = _score(tuple(line.now for line in lines), basis, known)
    caps = all_caps(
        score, basis.findings, basis.freshness, inherent_tier=basis.inherent_tier, today=today, methodology=method
    )
    in_force = tuple(cap for cap in caps if cap.lifted_until is None)
    overall = None if score.overall is None else min([score.overall, *(cap.at_most for cap in in_force)])
    band = method.band(overall)
    return Rating(
        as_of=basis.as_of,
        inherent_tier=basis.inherent_tier,
        score=score,
        overall=overall,
        band=band,
        residual=residual_risk(basis.inherent_tier, band, method),
        caps=in_force,
        lifted=tuple(cap for cap in caps if cap.lifted_until is not None),
        lines=lines,
    )


def _on(line: Line, overlays: Sequence[Overlay], methodology: Methodology) -> Sequence[Overlay]:
    """Return those of a question's overlays that are about this line.

    A verified fix is one of the deployments that the finding named, and so is taking it back: where the answer was good
    enough neither says anything, for what was taken back there would stay so when the fix is verified once more.
    """
    if not line.deployment or gap(line, methodology) is not None:
        return overlays
    return [one for one in overlays if one.kind is OverlayKind.EXPIRED]


def _score(lines: tuple[Line, ...], basis: _Basis, known: Score) -> Score:
    """Return the score of the lines: `known` where it is the score of the same ones under the same methodology."""
    if known.methodology is basis.methodology and lines == known.every_line:
        return known
    return rate(lines, basis.methodology, accepted=basis.frozen.accepted)


def _last_day_of(rating: Rating, known: Score, today: date, basis: _Basis) -> date | None:
    """Return the last day on which the rating is as it is today; None when the clock alone never changes it."""
    for day in sorted({day for day in _last_days(basis) if today <= day < date.max}):
        if _said_by(_rating_on(day + timedelta(days=1), basis, known)) != _said_by(rating):
            return day
    return None


def _last_days(basis: _Basis) -> Iterable[date]:
    rows = [overlay for overlays in basis.overlays.values() for overlay in overlays]
    yield from last_days(basis.lines, basis.valid_until, rows)
    for finding in basis.findings:
        yield from (day for day in (finding.due_on, finding.accepted_until) if day is not None)
    yield from (day for day in (basis.freshness.review_due, basis.freshness.approved_until) if day is not None)


def _said_by(rating: Rating) -> tuple[object, ...]:
    return rating.score, rating.overall, rating.caps, rating.lifted


def _write_cap(cap: Cap, rating: Rating) -> dict[str, Any]:
    return {
        "id": cap.id,
        "subject": cap.subject,
        "question": cap.question,
        "at_most": scoresheet.text(cap.at_most),
        "reason": cap.reason,
        "lifted_by": cap.lifted_by,
        "binds": rating.binds(cap),
        "lifted_until": cap.lifted_until.isoformat() if cap.lifted_until else None,
    }


def _write_overlaid(line: CurrentLine) -> dict[str, Any]:
    overlay = line.overlay
    return {
        "question": line.frozen.question,
        "kind": overlay.kind.value if overlay else None,
        "at": overlay.at.astimezone(UTC).isoformat() if overlay else None,
        "frozen": scoresheet.write_answer(line.frozen),
        "now": scoresheet.write_answer(line.now),
        "is_expired": line.is_expired,
    }
