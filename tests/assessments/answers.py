"""Answers for the scoring tests: short to write, and drawn at random by hypothesis."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from scoring import methodology
from scoring.assurance import Line, Score, State, rate
from scoring.caps import RatedFinding
from scoring.overlays import Overlay, OverlayKind
from scoring.rating import Rating, current_rating
from scoring.scales import Severity

METHOD = methodology.load(1)
DIMENSIONS = [dimension.key for dimension in METHOD.dimensions]
VALUES = list(METHOD.answer_values)
LEVELS = [level.level for level in METHOD.evidence_levels]
TODAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LATER = date(2027, 1, 1)
ZONE = ZoneInfo("Europe/Berlin")


def line(question: str, weight: int = 3, value: str | None = None, level: int = 0, **other: Any) -> Line:
    """Return a line of permission scope: an option when there is a value, else unanswered."""
    standard: dict[str, Any] = {
        "dimension": "permission_scope",
        "subject": "release",
        "critical": False,
        "severity": Severity.MEDIUM,
        "state": State.UNANSWERED if value is None else State.OPTION,
    }
    answer = None if value is None else Fraction(value)
    return Line(question=question, weight=weight, value=answer, evidence_level=level, **standard | other)


def worked_example() -> list[Line]:
    """Return the answers of the worked example in docs/method.md."""
    rows: list[tuple[str, list[tuple[int, str | None, int]]]] = [
        ("permission_scope", [(5, "1", 3), (3, "1/2", 1), (3, "1", 1), (2, None, 0)]),
        ("provenance", [(3, "1", 3), (2, "1/2", 3)]),
        ("data_handling", [(5, "1", 3), (2, "1/4", 3), (3, "0", 3)]),
        ("security_posture", [(5, "1", 3), (3, "3/4", 3), (2, "0", 3)]),
        ("operational_resilience", [(1, "1", 2)]),
    ]
    return [
        line(f"{dimension}.q{index}", weight, value, level, dimension=dimension)
        for dimension, answers in rows
        for index, (weight, value, level) in enumerate(answers)
    ]


def every_dimension_at(value: str, level: int = 3, **other: Any) -> list[Line]:
    """Return one question a dimension, each with this answer."""
    return [line(f"{key}.only", 3, value, level, dimension=key, **other) for key in DIMENSIONS]


def scored(lines: list[Line], accepted: Any = ()) -> Score:
    """Return the score of the lines under methodology 1."""
    return rate(lines, METHOD, accepted=accepted)


def rating_of(snapshot: Score | None, **changes: Any) -> Rating:
    """Return the rating at noon of 10 March 2026 of a tier 2 server whose review is not due yet."""
    standard: dict[str, Any] = {
        "overlays": (),
        "findings": (),
        "evidence_validity": {},
        "as_of": NOON,
        "zone": ZONE,
        "review_due": LATER,
        "tools_changed": False,
        "approved_until": None,
        "inherent_tier": 2,
        "methodology": METHOD,
    }
    return current_rating(snapshot, **standard | changes)


# Made once: hypothesis looks through a strategy when it is first drawn from, which takes longer than the draw.
days = st.integers(-40, 400).map(lambda number: TODAY + timedelta(days=number))
options = st.tuples(st.sampled_from(VALUES), st.sampled_from(LEVELS))
MOST = 10
_any_day = st.none() | days
_severities = st.sampled_from(list(Severity))
_few = st.integers(0, 4)
# Which of a situation's questions, whose number is not known before: taken modulo that number.
_places = st.integers(0, MOST - 1)


@st.composite
def _lines(draw: st.DrawFn) -> Line:
    """Draw a line with any kind of answer; its question key is set by `answer_sets`."""
    state, (value, level), dimension, subject, weight, critical, severity, confirmed = draw(_parts_of_a_line)
    return Line(
        question="?",
        dimension=dimension,
        subject=subject,
        weight=weight,
        critical=critical,
        severity=severity,
        state=state,
        value=value if state is State.OPTION else None,
        evidence_level=level,
        na_confirmed=confirmed,
    )


_parts_of_a_line = st.tuples(
    st.sampled_from([State.OPTION] * 5 + list(State)),
    options,
    st.sampled_from(DIMENSIONS),
    st.sampled_from(["vendor", "release", "deployment"]),
    st.sampled_from(METHOD.question_weights),
    st.sampled_from([False, False, False, True]),
    _severities,
    st.booleans(),
)
lines = _lines()
answer_sets = st.lists(lines, min_size=1, max_size=MOST).map(
    lambda drawn: [replace(one, question=f"q{index}") for index, one in enumerate(drawn)]
)
acceptances = st.one_of(st.just(DIMENSIONS), st.lists(st.sampled_from(DIMENSIONS), unique=True))
STATUSES = ["proposed", "open", "remediating", "accepted", "awaiting_verification", "closed", "dismissed"]
_parts_of_a_finding = st.tuples(
    _severities, st.sampled_from(STATUSES), _any_day, _any_day, st.none() | _places, st.booleans()
)
_parts_of_an_overlay = st.tuples(_places, st.sampled_from(list(OverlayKind)), options, _any_day)
_validities = st.dictionaries(_places, _any_day, max_size=4)
_facts = st.fixed_dictionaries(
    {
        "review_due": _any_day,
        "tools_changed": st.booleans(),
        "approved_until": _any_day,
        "inherent_tier": st.sampled_from([1, 2, 3, 4]),
    }
)


def _findings(draw: st.DrawFn, questions: list[str]) -> list[RatedFinding]:
    """Draw up to four findings, some raised by one of these questions."""
    rows = []
    for index in range(draw(_few)):
        severity, status, due_on, accepted_until, place, verified = draw(_parts_of_a_finding)
        question = None if place is None else questions[place % len(questions)]
        rows.append(RatedFinding(f"F-{index}", severity, status, due_on, accepted_until, question, verified))
    return rows


def _overlays(draw: st.DrawFn, questions: list[str]) -> list[Overlay]:
    """Draw up to four overlays, all dated before NOON."""
    rows = []
    for index in range(draw(_few)):
        place, kind, (value, level), valid_until = draw(_parts_of_an_overlay)
        rows.append(
            Overlay(
                question=questions[place % len(questions)],
                kind=kind,
                at=NOON - timedelta(days=10 - index),
                value=None if kind is OverlayKind.EXPIRED else value,
                evidence_level=level,
                valid_until=valid_until,
            )
        )
    return rows


@st.composite
def _situations(draw: st.DrawFn) -> dict[str, Any]:
    answers = draw(answer_sets)
    questions = [one.question for one in answers]
    return {
        "snapshot": scored(answers, draw(acceptances)),
        "findings": _findings(draw, questions),
        "overlays": _overlays(draw, questions),
        "evidence_validity": {questions[at % len(questions)]: day for at, day in draw(_validities).items()},
        **draw(_facts),
    }


# Everything that a rating follows from, except the moment: the arguments of `rating_of`.
situations = _situations()
