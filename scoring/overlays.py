"""What is laid over frozen answers later: fixes, contradictions and expired evidence, beside the original."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from scoring import deadlines
from scoring.assurance import Line, State, applies, credit
from scoring.methodology import Methodology


class InvalidOverlay(Exception):
    """An overlay fits no answer: its question is not among them, or it does not bring what its kind needs."""


class OverlayKind(StrEnum):
    """Why a frozen answer counts differently now."""

    REMEDIATED = "remediated"
    CONTRADICTED = "contradicted"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Overlay:
    """A dated row over a frozen answer; `value` and `evidence_level` are the new answer, unless it is an expiry.

    `valid_until` is the last day of the new answer's evidence; None when it does not run out. Raises InvalidOverlay
    for a new answer without a value and for an expiry with one.
    """

    question: str
    kind: OverlayKind
    at: datetime
    value: Fraction | None = None
    evidence_level: int = 0
    valid_until: date | None = None

    def __post_init__(self) -> None:
        """Refuse an overlay that does not bring what its kind needs."""
        if (self.value is None) != (self.kind is OverlayKind.EXPIRED):
            raise InvalidOverlay(f"{self.question}: {self.kind} and the value {self.value} do not go together.")


@dataclass(frozen=True, slots=True)
class CurrentLine:
    """A frozen answer beside what counts now; `overlay` is the row that replaced it, if one did.

    When the evidence behind the answer that counts has run out, `is_expired` is true and `now.evidence_level` is
    already the lower one.
    """

    frozen: Line
    now: Line
    overlay: Overlay | None
    is_expired: bool


def lay(
    frozen: Line,
    overlays: Iterable[Overlay],
    *,
    valid_until: date | None,
    today: date,
    methodology: Methodology,
) -> CurrentLine:
    """Return the answer that counts today: the overlays of its question applied in the order of their moments.

    Evidence drops one level, once, when its last day has passed or an expiry was recorded after it. A remediation never
    makes an answer count less, a contradiction never more: the overlay that would is passed over. "Not applicable"
    yields to a contradiction only.
    """
    rows = sorted(overlays, key=_in_time)
    expiries = [row.at for row in rows if row.kind is OverlayKind.EXPIRED]
    current = _aged(CurrentLine(frozen, frozen, None, bool(expiries)), valid_until, today)
    for row in rows:
        if row.kind is not OverlayKind.EXPIRED:
            answer = _answer_of(row, frozen)
            ran_out = any(at > row.at for at in expiries)
            new = _aged(CurrentLine(frozen, answer, row, ran_out), row.valid_until, today)
            current = new if _takes_effect(row.kind, current.now, new.now, methodology) else current
    return current


def _answer_of(row: Overlay, frozen: Line) -> Line:
    """Return the answer that an overlay brings. One that takes a fix back brings what the register knew, too."""
    is_known = row.kind is OverlayKind.CONTRADICTED and frozen.contradicted
    known = (frozen.value or Fraction(0)) if is_known else None
    value = row.value if known is None else min(row.value or Fraction(0), known)
    return replace(
        frozen,
        state=State.OPTION,
        value=value,
        evidence_level=row.evidence_level,
        na_confirmed=False,
        contradicted=known is not None,
    )


def by_question(
    overlays: Iterable[Overlay], questions: Iterable[str], *, as_of: datetime
) -> Mapping[str, list[Overlay]]:
    """Return the overlays up to `as_of` by question. Raises InvalidOverlay for a question that was not asked."""
    rows: dict[str, list[Overlay]] = {question: [] for question in questions}
    for overlay in overlays:
        if overlay.question not in rows:
            raise InvalidOverlay(f"{overlay.question}: there is no such answer.")
        if overlay.at <= as_of:
            rows[overlay.question].append(overlay)
    return rows


def last_days(
    lines: Iterable[Line], valid_until: Mapping[str, date | None], overlays: Iterable[Overlay]
) -> Sequence[date]:
    """Return the last days of all evidence that these answers, by the key of their line, and overlays rest on."""
    days = [valid_until.get(line.key) for line in lines] + [overlay.valid_until for overlay in overlays]
    return [day for day in days if day is not None]


def _in_time(overlay: Overlay) -> tuple[datetime, str, Fraction, int]:
    return overlay.at, overlay.kind.value, overlay.value or Fraction(0), overlay.evidence_level


def _aged(line: CurrentLine, valid_until: date | None, today: date) -> CurrentLine:
    if not line.is_expired and (valid_until is None or not deadlines.is_past(valid_until, today=today)):
        return line
    lower = max(0, line.now.evidence_level - 1)
    return replace(line, now=replace(line.now, evidence_level=lower), is_expired=True)


def _takes_effect(kind: OverlayKind, was: Line, new: Line, methodology: Methodology) -> bool:
    if not applies(was, methodology):
        return kind is OverlayKind.CONTRADICTED
    before, after = credit(was, methodology), credit(new, methodology)
    return after >= before if kind is OverlayKind.REMEDIATED else after <= before
