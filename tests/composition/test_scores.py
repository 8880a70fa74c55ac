"""Scores: what vectors amount to, and which severity counts."""

from decimal import Decimal

import pytest

from composition.advisories import osv, scores
from composition.advisories.osv import Rated
from composition.advisories.scores import VectorUnreadable
from scoring.scales import Severity
from tests.tables import for_each

CRITICAL, HIGH, MEDIUM, LOW = Severity
V2_HIGH = "AV:N/AC:L/Au:N/C:P/I:P/A:P"
V3_CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V3_HIGH = "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
V3_MEDIUM = "CVSS:3.1/AV:L/AC:L/PR:L/UI:R/S:U/C:L/I:L/A:L"
V3_LOW = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"
V3_NONE = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"
V4_HIGH = "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:N/SC:N/SI:N/SA:N"
V4_NONE = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N"
# As FIRST's calculators show the base score.
SCORED = [
    ("CVSS_V2", V2_HIGH, "7.5", HIGH),
    ("CVSS_V2", "AV:N/AC:L/Au:N/C:C/I:C/A:C", "10.0", HIGH),
    ("CVSS_V2", "AV:L/AC:H/Au:N/C:P/I:N/A:N", "1.2", LOW),
    ("CVSS_V3", V3_CRITICAL, "9.8", CRITICAL),
    # Temporal metrics leave the base score.
    ("CVSS_V3", f"{V3_CRITICAL}/E:U/RL:O/RC:U", "9.8", CRITICAL),
    ("CVSS_V3", V3_HIGH, "7.5", HIGH),
    ("CVSS_V3", V3_MEDIUM, "4.8", MEDIUM),
    ("CVSS_V3", V3_LOW, "1.8", LOW),
    ("CVSS_V3", V3_NONE, "0.0", None),
    ("CVSS_V4", V4_HIGH, "7.6", HIGH),
    # So does the threat metric of version 4.
    ("CVSS_V4", f"{V4_HIGH}/E:U", "7.6", HIGH),
    ("CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", "10.0", CRITICAL),
    ("CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N", "5.3", MEDIUM),
    ("CVSS_V4", V4_NONE, "0.0", None),
]
EFFECTIVE = [
    ([], "", None),
    ([("CVSS_V3", V3_MEDIUM)], "", MEDIUM),
    # The higher of both versions, whichever comes first; the word does not count beside them.
    ([("CVSS_V4", V4_HIGH), ("CVSS_V3", V3_CRITICAL)], "LOW", CRITICAL),
    ([("CVSS_V3", V3_MEDIUM), ("CVSS_V4", V4_HIGH)], "", HIGH),
    # Of two vectors of one version the worse.
    ([("CVSS_V3", V3_LOW), ("CVSS_V3", V3_HIGH)], "", HIGH),
    # 0.0 says nothing where the database has a word; without one it is unknown.
    ([("CVSS_V3", V3_NONE)], "LOW", LOW),
    ([("CVSS_V3", V3_NONE), ("CVSS_V4", V4_NONE)], "", None),
    ([("CVSS_V3", V3_LOW), ("CVSS_V4", V4_NONE)], "CRITICAL", LOW),
    ([], "MODERATE", MEDIUM),
    ([], "Important", HIGH),
    ([], "no idea", None),
    ([("Ubuntu", "negligible")], "", LOW),
    # Version 2 is what is left when nobody says more.
    ([("CVSS_V2", V2_HIGH)], "", HIGH),
    ([("CVSS_V2", V2_HIGH)], "low", LOW),
    # What cannot be read does not count, and does not hide the rest.
    ([("CVSS_V3", "CVSS:3.1/AV:N"), ("CVSS_V4", V4_HIGH)], "", HIGH),
    ([("CVSS_V5", "CVSS:5.0/X:Y")], "", None),
]


@for_each("kind, vector, base, severity", SCORED)
def test_a_vector_has_its_base_score(kind: str, vector: str, base: str, severity: Severity | None):
    found = scores.score(kind, vector)
    assert (found.base, found.severity, found.vector) == (Decimal(base), severity, vector)


@for_each("kind, vector", [
    ("CVSS_V3", ""), ("CVSS_V3", "CVSS:3.1/AV:N"), ("CVSS_V3", V4_HIGH), ("CVSS_V4", V3_HIGH), ("CVSS_V2", V3_HIGH),
    ("CVSS_V4", V4_HIGH.replace("AV:N", "AV:Q")), ("CVSS_V3", "x" * 100_000), ("Ubuntu", "high"),
])  # fmt: skip
def test_what_is_no_vector_is_refused(kind: str, vector: str):
    with pytest.raises(VectorUnreadable) as refused:
        scores.score(kind, vector)
    assert len(str(refused.value)) < 300


@for_each("severities, word, severity", EFFECTIVE)
def test_one_severity_counts(severities: list[tuple[str, str]], word: str, severity: Severity | None):
    assert scores.rate([Rated(*one) for one in severities], word=word).severity is severity


def test_the_vectors_of_both_versions_are_kept():
    rating = scores.rate([Rated("CVSS_V4", V4_HIGH), Rated("CVSS_V3", V3_CRITICAL), Rated("CVSS_V3", "nonsense")])
    assert rating.v4 is not None
    assert rating.v3 is not None
    assert (rating.v4.vector, rating.v3.vector, rating.unreadable) == (V4_HIGH, V3_CRITICAL, ("nonsense",))


def test_an_advisory_is_as_bad_as_the_worst_that_it_says_of_a_package():
    record = osv.read_data({
        "id": "X-1", "modified": "2025-01-01T00:00:00Z",
        "severity": [{"type": "CVSS_V3", "score": V3_LOW}], "database_specific": {"severity": "LOW"},
        "affected": [
            {"package": {"ecosystem": "npm", "name": "a"}, "severity": [{"type": "CVSS_V3", "score": V3_HIGH}]},
            {"package": {"ecosystem": "npm", "name": "b"}, "database_specific": {"severity": "critical"}},
        ],
    })  # fmt: skip
    rating = scores.rate_record(record)
    assert (rating.severity, rating.word) == (HIGH, "critical")


def test_what_is_unknown_stands_above_low():
    assert sorted([LOW, None, CRITICAL, MEDIUM, HIGH], key=scores.rank) == [CRITICAL, HIGH, MEDIUM, None, LOW]
    assert scores.worst([LOW, None]) is None
    assert scores.worst([None, MEDIUM]) is MEDIUM
    assert scores.worst([]) is None
