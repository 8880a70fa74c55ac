"""How answers become an assurance score: exact fractions in, exact fractions out, nothing rounded inside."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from scoring.methodology import EvidenceLevel, Methodology
from scoring.scales import Band, Severity

HUNDRED = Fraction(100)
ZERO = Fraction(0)
ONE = Fraction(1)


class InvalidLine(Exception):
    """A line cannot be scored: it contradicts itself, repeats a question or names what the methodology lacks."""


class State(StrEnum):
    """What kind of answer a question has."""

    OPTION = "option"
    NOT_APPLICABLE = "not_applicable"
    DONT_KNOW = "dont_know"
    UNANSWERED = "unanswered"


class Gap(StrEnum):
    """What a bad answer lacks: a control, or the knowledge whether there is one."""

    CONTROL = "control"
    INFORMATION = "information"


class DimensionStatus(StrEnum):
    """Whether a dimension has a score."""

    RATED = "rated"
    NOT_RATEABLE = "not_rateable"
    LEFT_OUT = "left_out"


def key_of(question: str, deployment: str | None) -> str:
    """Return the key of an answer: its question, with the number of the deployment that it is about, if it is."""
    return f"{question}@{deployment}" if deployment else question


@dataclass(frozen=True, slots=True)
class Line:
    """One question with its answer; `value` (0 to 1) is there exactly when an option was chosen.

    `severity` is that of the finding which a bad answer raises; `na_confirmed` says that the reviewer confirmed "not
    applicable". A question about deployments has a line for each, with the number of its `deployment`. `raises`: the
    answer raises the finding here, however good it is. `contradicted`: the register knows otherwise than was said, so
    `value` is the most that it can be worth, "not applicable" 0. Raises InvalidLine for a line that contradicts itself.
    """

    question: str
    dimension: str
    subject: str
    weight: int
    critical: bool
    severity: Severity
    state: State
    value: Fraction | None = None
    evidence_level: int = 0
    na_confirmed: bool = False
    deployment: str = ""
    raises: bool = False
    contradicted: bool = False

    @property
    def key(self) -> str:
        """Return the question, with the deployment that the answer is about, if it is about one."""
        return key_of(self.question, self.deployment)

    def __post_init__(self) -> None:
        """Refuse a line that contradicts itself."""
        says_something = self.state in (State.OPTION, State.NOT_APPLICABLE)
        if (self.value is not None) != (self.state is State.OPTION) or (self.contradicted and not says_something):
            raise InvalidLine(f"{self.question}: a value belongs to an option, an option has a value, silence none.")
        if self.value is not None and not ZERO <= self.value <= ONE:
            raise InvalidLine(f"{self.question}: the value {self.value} does not lie from 0 to 1.")
        if self.weight < 1:
            raise InvalidLine(f"{self.question}: the weight {self.weight} is less than 1.")


@dataclass(frozen=True, slots=True)
class ScoredLine:
    """A line with what it counts: `credit` of `weight`; a line that does not apply has neither.

    Of a question about deployments it is the worst line, and `others` are those of the other deployments.
    """

    line: Line
    credit: Fraction
    applies: bool
    others: tuple[Line, ...] = ()

    @property
    def is_answered(self) -> bool:
        """Return whether an option was chosen."""
        return self.line.state is State.OPTION


@dataclass(frozen=True, slots=True)
class DimensionScore:
    """A dimension's score (0 to 100), coverage and confidence (0 to 1), all exact; None unless it is rated.

    `weight` is the methodology's, `share` the part of the overall score that it got (0 to 1), `not_applicable` the part
    of the dimension's weight that is not applicable (1 when it has no question at all).
    """

    key: str
    weight: int
    status: DimensionStatus
    score: Fraction | None
    band: Band
    coverage: Fraction | None
    confidence: Fraction | None
    not_applicable: Fraction
    share: Fraction


@dataclass(frozen=True)
class Score:
    """What the answers amount to before any cap. `overall` is None, the band "not assessed", when it cannot be told.

    Lines come in the order of the dimensions and, within one, of the question keys.
    """

    methodology: Methodology
    accepted: frozenset[str]
    lines: tuple[ScoredLine, ...]
    dimensions: tuple[DimensionScore, ...]
    overall: Fraction | None
    band: Band
    coverage: Fraction | None
    confidence: Fraction | None

    @cached_property
    def by_question(self) -> dict[str, ScoredLine]:
        """Return the lines by question key."""
        return {scored.line.question: scored for scored in self.lines}

    @property
    def every_line(self) -> tuple[Line, ...]:
        """Return the lines that count and, behind each, those of the other deployments."""
        return tuple(line for scored in self.lines for line in (scored.line, *scored.others))

    @property
    def not_rateable(self) -> tuple[str, ...]:
        """Return the dimensions that the reviewer must accept before there is an overall score."""
        return self._with(DimensionStatus.NOT_RATEABLE)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Return the dimensions that do not apply at all, their weight spread over the others."""
        return self._with(DimensionStatus.LEFT_OUT)

    @property
    def worst(self) -> DimensionScore | None:
        """Return the rated dimension with the lowest score, the first of equals; None when none is rated."""
        rated = [(d.score, index, d) for index, d in enumerate(self.dimensions) if d.score is not None]
        return min(rated)[2] if rated else None

    def _with(self, status: DimensionStatus) -> tuple[str, ...]:
        return tuple(dimension.key for dimension in self.dimensions if dimension.status is status)


def rate(lines: Iterable[Line], methodology: Methodology, *, accepted: Iterable[str] = ()) -> Score:
    """Return the score of these answers under a methodology, with the credit of each line.

    `accepted` names the dimensions whose large "not applicable" share the reviewer accepted. Raises InvalidLine when a
    question comes twice for the same deployment, with and without one, or with two weights, and when a line names a
    dimension or an evidence level that the methodology lacks. Of a question's deployments the worst counts.
    """
    agreed = frozenset(accepted)
    scored = _score_lines(lines, methodology)
    statuses = {d.key: _status(d.key, _of(scored, d.key), agreed, methodology) for d in methodology.dimensions}
    can_tell = DimensionStatus.NOT_RATEABLE not in statuses.values()
    rated = sum(d.weight for d in methodology.dimensions if statuses[d.key] is DimensionStatus.RATED)
    dimensions = tuple(
        _rate_dimension(d.key, _of(scored, d.key), statuses[d.key], rated if can_tell else 0, methodology)
        for d in methodology.dimensions
    )
    overall = sum((d.share * d.score for d in dimensions if d.score is not None), ZERO) if can_tell and rated else None
    return Score(
        methodology=methodology,
        accepted=agreed,
        lines=scored,
        dimensions=dimensions,
        overall=overall,
        band=methodology.band(overall),
        coverage=_coverage(scored),
        confidence=_confidence(scored, methodology),
    )


def gap(line: Line, methodology: Methodology) -> Gap | None:
    """Return what the answer lacks, and so the kind of finding it raises; None when it is good enough.

    The severity and the clock are the same for both kinds: silence is never better than a "no".
    """
    if is_open(line, methodology):
        return Gap.INFORMATION
    return Gap.CONTROL if is_failed(line, methodology) or line.raises or line.contradicted else None


def is_failed(line: Line, methodology: Methodology) -> bool:
    """Return whether an option was chosen that is worth too little; a critical question may ask for more."""
    return line.value is not None and line.value < methodology.fails_below(critical=line.critical)


def is_open(line: Line, methodology: Methodology) -> bool:
    """Return whether the line says nothing yet: no answer, "don't know", or "not applicable" before it is confirmed."""
    if line.state is not State.NOT_APPLICABLE:
        return line.state is not State.OPTION
    return not (line.contradicted or line.na_confirmed) and needs_confirmation(line, methodology)


def applies(line: Line, methodology: Methodology) -> bool:
    """Return whether the line counts: "not applicable" does while it is open, or the register knows otherwise."""
    return line.state is not State.NOT_APPLICABLE or line.contradicted or is_open(line, methodology)


def needs_confirmation(line: Line, methodology: Methodology) -> bool:
    """Return whether "not applicable" on this question needs the reviewer: by weight, and on every critical one."""
    rules = methodology.not_applicable
    return line.weight >= rules.confirm_from_weight or (line.critical and rules.confirm_critical)


def credit(line: Line, methodology: Methodology) -> Fraction:
    """Return what the line counts, weight · min(value, ceiling of its evidence); 0 without an answer."""
    return line.weight * min(line.value or ZERO, methodology.evidence(line.evidence_level).ceiling)


def shown(value: Fraction, *, places: int = 2) -> str:
    """Return `value` rounded half-up for display, e.g. "67.31"; never compare or compute with it."""
    scale = 10**places
    whole, rest = divmod(int(abs(value) * scale * 2 + 1) // 2, scale)
    sign = "-" if value < 0 and (whole or rest) else ""
    return f"{sign}{whole}.{rest:0{places}d}" if places else f"{sign}{whole}"


def percent(value: Fraction | None) -> Decimal | None:
    """Return a score as it is shown, for a column that lists are sorted by; None where nothing was assessed."""
    return None if value is None else Decimal(shown(value))


def _score_lines(lines: Iterable[Line], methodology: Methodology) -> tuple[ScoredLine, ...]:
    places = {dimension.key: index for index, dimension in enumerate(methodology.dimensions)}
    levels = {level.level for level in methodology.evidence_levels}
    by_question: dict[str, list[Line]] = {}
    for line in lines:
        same = by_question.setdefault(line.question, [])
        _refuse_another_question(line, same)
        if line.dimension not in places or line.evidence_level not in levels:
            raise InvalidLine(
                f"{line.question}: no dimension {line.dimension} or evidence level {line.evidence_level}."
            )
        same.append(line)
    scored = [_worst(same, methodology) for same in by_question.values()]
    return tuple(sorted(scored, key=lambda one: (places[one.line.dimension], one.line.question)))


def _refuse_another_question(line: Line, same: list[Line]) -> None:
    """Raise InvalidLine unless the line and those of its question are each about another deployment, and alike."""
    if not same:
        return
    deployments = {line.deployment, *(one.deployment for one in same)}
    if "" in deployments or len(deployments) <= len(same):
        raise InvalidLine(f"{line.question}: the question comes twice.")
    if (line.weight, line.critical, line.dimension) != (same[0].weight, same[0].critical, same[0].dimension):
        raise InvalidLine(f"{line.question}: it is another question for {line.deployment}.")


def _worst(same: list[Line], methodology: Methodology) -> ScoredLine:
    """Return the worst of the lines of a question as the one that counts; one that does not apply yields to others."""

    def order(line: Line) -> tuple[bool, Fraction, Fraction, int, str]:
        value = line.value if line.value is not None else -ONE
        return not applies(line, methodology), credit(line, methodology), value, line.evidence_level, line.deployment

    counting, *others = sorted(same, key=order)
    return ScoredLine(counting, credit(counting, methodology), applies(counting, methodology), tuple(others))


def _status(
    key: str, lines: tuple[ScoredLine, ...], accepted: frozenset[str], methodology: Methodology
) -> DimensionStatus:
    if key not in accepted and _not_applicable(lines) > methodology.not_applicable.limit:
        return DimensionStatus.NOT_RATEABLE
    return DimensionStatus.RATED if any(line.applies for line in lines) else DimensionStatus.LEFT_OUT


def _rate_dimension(
    key: str, lines: tuple[ScoredLine, ...], status: DimensionStatus, rated: int, methodology: Methodology
) -> DimensionScore:
    weight = methodology.dimension(key).weight
    is_rated = status is DimensionStatus.RATED
    applicable = _weight(lines, lambda one: one.applies)
    score = HUNDRED * sum((one.credit for one in lines), ZERO) / applicable if is_rated else None
    return DimensionScore(
        key=key,
        weight=weight,
        status=status,
        score=score,
        band=methodology.band(score),
        coverage=_coverage(lines) if is_rated else None,
        confidence=_confidence(lines, methodology) if is_rated else None,
        not_applicable=_not_applicable(lines),
        share=Fraction(weight, rated) if is_rated and rated else ZERO,
    )


def _of(lines: tuple[ScoredLine, ...], dimension: str) -> tuple[ScoredLine, ...]:
    return tuple(one for one in lines if one.line.dimension == dimension)


def _weight(lines: Iterable[ScoredLine], which: Callable[[ScoredLine], bool]) -> int:
    return sum(one.line.weight for one in lines if which(one))


def _not_applicable(lines: tuple[ScoredLine, ...]) -> Fraction:
    return _part(_weight(lines, lambda one: not one.applies), sum(one.line.weight for one in lines)) if lines else ONE


def _coverage(lines: tuple[ScoredLine, ...]) -> Fraction | None:
    applicable = _weight(lines, lambda one: one.applies)
    return _part(_weight(lines, lambda one: one.is_answered), applicable) if applicable else None


def _confidence(lines: tuple[ScoredLine, ...], methodology: Methodology) -> Fraction | None:
    if not any(one.applies for one in lines):
        return None

    def level(one: ScoredLine) -> EvidenceLevel:
        return methodology.evidence(one.line.evidence_level)

    confirmed = _weight(lines, lambda one: one.is_answered and level(one).confirmed)
    return _part(confirmed, _weight(lines, lambda one: one.is_answered))


def _part(part: int, whole: int) -> Fraction:
    return Fraction(part, whole) if whole else ZERO
