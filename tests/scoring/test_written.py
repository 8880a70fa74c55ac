"""A score and a rating on paper, entry by entry: what auditors and other programs read."""

from datetime import date, timedelta
from fractions import Fraction

from scoring import scoresheet
from scoring.assurance import State
from scoring.caps import RatedFinding
from scoring.overlays import Overlay, OverlayKind
from scoring.rating import write
from scoring.scales import Severity
from tests.assessments.answers import METHOD, NOON, TODAY, every_dimension_at, line, rating_of, scored

YESTERDAY = TODAY - timedelta(days=1)


def test_a_rating_that_was_changed_since_by_a_fix_an_expiry_and_an_acceptance() -> None:
    answers = every_dimension_at("1")
    answers[0] = line("provenance.only", 3, None, dimension="provenance", state=State.DONT_KNOW)
    fix = Overlay("provenance.only", OverlayKind.REMEDIATED, NOON - timedelta(hours=2), Fraction(3, 4), 3)
    accepted = RatedFinding("F-7", Severity.CRITICAL, "accepted", due_on=YESTERDAY, accepted_until=date(2026, 5, 1))
    rating = rating_of(
        scored(answers),
        overlays=[fix],
        findings=[accepted],
        evidence_validity={"data_handling.only": YESTERDAY},
        review_due=YESTERDAY,
        inherent_tier=3,
    )

    written = write(rating)

    assert rating.score is not None
    assert written.pop("score") == scoresheet.write(rating.score)
    assert written == {
        "as_of": "2026-03-10T12:00:00+00:00",
        "inherent_tier": 3,
        "overall": "84",
        "band": "adequate",
        "residual": "low",
        "caps": [
            {
                "id": "stale",
                "subject": "review",
                "question": "",
                "at_most": "84",
                "reason": "The review was due on 9 Mar 2026.",
                "lifted_by": "A new assessment.",
                "binds": True,
                "lifted_until": None,
            }
        ],
        "lifted": [
            {
                "id": "open-critical",
                "subject": "F-7",
                "question": "",
                "at_most": "39",
                "reason": "Finding F-7 of severity Critical is open.",
                "lifted_by": "The finding is closed, or accepted and unexpired.",
                "binds": True,
                "lifted_until": "2026-05-01",
            }
        ],
        "overlaid": [
            {
                "question": "provenance.only",
                "kind": "remediated",
                "at": "2026-03-10T10:00:00+00:00",
                "frozen": scoresheet.write_answer(answers[0]),
                "now": scoresheet.write_answer(line("provenance.only", 3, "3/4", 3, dimension="provenance")),
                "is_expired": False,
            },
            {
                "question": "data_handling.only",
                "kind": None,
                "at": None,
                "frozen": scoresheet.write_answer(answers[2]),
                "now": scoresheet.write_answer(line("data_handling.only", 3, "1", 2, dimension="data_handling")),
                "is_expired": True,
            },
        ],
        "changes_at": "2026-05-01T22:00:00+00:00",
    }


def test_a_server_that_nobody_assessed_has_its_tier_and_its_day_and_nothing_else() -> None:
    assert write(rating_of(None, inherent_tier=3)) == {
        "as_of": "2026-03-10T12:00:00+00:00",
        "inherent_tier": 3,
        "overall": None,
        "band": "not_assessed",
        "residual": "not_assessed",
        "caps": [],
        "lifted": [],
        "score": None,
        "overlaid": [],
        "changes_at": None,
    }


def test_a_score() -> None:
    answers = [
        line("q0", 2, "1/2", 1, critical=True, severity=Severity.HIGH, subject="vendor"),
        line("q1", 1, "1", 3),
        line("q2", 3, state=State.NOT_APPLICABLE, na_confirmed=True),
    ]

    written = scoresheet.write(scored(answers, [dimension.key for dimension in METHOD.dimensions]))

    left_out = {
        "status": "left_out",
        "score": None,
        "band": "not_assessed",
        "coverage": None,
        "confidence": None,
        "not_applicable": "1",
        "share": "0",
    }
    assert written == {
        "methodology": {"version": 1, "digest": METHOD.digest},
        "accepted_dimensions": sorted(dimension.key for dimension in METHOD.dimensions),
        "lines": [
            {
                "question": "q0",
                "dimension": "permission_scope",
                "subject": "vendor",
                "weight": 2,
                "critical": True,
                "severity": "high",
                "state": "option",
                "value": "1/2",
                "evidence_level": 1,
                "na_confirmed": False,
                "applies": True,
                "credit": "1",
            },
            scoresheet.write_answer(answers[1]) | {"applies": True, "credit": "1"},
            scoresheet.write_answer(answers[2]) | {"applies": False, "credit": "0"},
        ],
        "dimensions": [
            {"key": "provenance", "weight": 20, **left_out},
            {
                "key": "permission_scope",
                "weight": 25,
                "status": "rated",
                "score": "200/3",
                "band": "weak",
                "coverage": "1",
                "confidence": "1/3",
                "not_applicable": "1/2",
                "share": "1",
            },
            {"key": "data_handling", "weight": 20, **left_out},
            {"key": "security_posture", "weight": 20, **left_out},
            {"key": "operational_resilience", "weight": 15, **left_out},
        ],
        "overall": "200/3",
        "band": "weak",
        "coverage": "1",
        "confidence": "1/3",
    }


def test_what_the_reviewer_accepted_and_confirmed_is_read_back() -> None:
    skipped = line("skipped", 3, state=State.NOT_APPLICABLE, na_confirmed=True)
    score = scored([*every_dimension_at("1"), skipped], ["permission_scope"])

    assert scoresheet.recompute(scoresheet.write(score)) == score
