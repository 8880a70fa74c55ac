"""What is seen of the repository of a server by OpenSSF Scorecard, in the shape that its service answers in."""

from datetime import UTC, datetime
from typing import Any

from collectors.sources import scorecard
from collectors.sources.fetching import Fetch
from monitoring.models import Run
from monitoring.observed import Look, Seen
from tests.collectors import documents
from tests.collectors.pages import Pages
from tests.inspection.scene import LOOPBACK
from tests.tables import for_each

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
REPOSITORY = "github.com/example/weather"
PLACE = f"/projects/{REPOSITORY}"


def look(running: Pages, document: Any, **how: Any) -> Look:
    running.put(PLACE, document, **how)
    return scorecard.look(REPOSITORY, base=running.url, fetch=Fetch(allowed=LOOPBACK), now=NOW)


def of(found: Look, kind: str) -> Seen:
    assert found.outcome == Run.Status.COMPLETE, found.why
    return next(one for one in found.seen if one.key == f"{kind}:{REPOSITORY}")


def test_each_check_is_seen_as_of_the_day_of_the_scorecard(running: Pages):
    found = look(running, documents.scorecard())

    assert found.as_of == datetime(2026, 11, 20, tzinfo=UTC)
    assert {one.key.partition(":")[0]: one.value for one in found.seen} == {
        "score": "6.4 of 10, by version v5.5.0",
        "commit": "36e3d8d1f0c94bd5a0aa0f1a35ea9f5e63c7d2b1",
        "check_Code-Review": "6 of 10: Found 19/28 approved changesets -- score normalized to 6",
        "check_Maintained": "10 of 10: 30 commit(s) and 9 issue activity found in the last 90 days -- score normalized"
        " to 10",
        "check_Signed-Releases": "Not assessed: no releases found",
        "check_Vulnerabilities": "8 of 10: 2 existing vulnerabilities detected",
    }
    assert {one.severity for one in found.seen} == {None}


@for_each(
    "name, score, reason, fact",
    [
        ("Code-Review", 10, "Found 30/30 approved changesets -- score normalized to 10", ("changes_approved", True)),
        ("Code-Review", 5, "Found 15/30 approved changesets -- score normalized to 5", ("changes_approved", False)),
        ("Code-Review", 4, "Found 14/30 approved changesets -- score normalized to 4", ("few_changes_approved", True)),
        # An older version gave no point for two changes of many.
        ("Code-Review", 0, "found 2 unreviewed human changesets", ("changes_approved", False)),
        ("Maintained", 1, "2 commit(s) and 0 issue activity found in the last 90 days", ("repository_quiet", False)),
        ("Maintained", 0, "0 commit(s) and 0 issue activity found in the last 90 days", ("repository_quiet", True)),
        ("Maintained", 0, "10 commit(s) and 0 issue activity found", ("repository_quiet", False)),
        ("Maintained", 0, "project is archived", ("repository_archived", True)),
        ("Maintained", 0, "project was created in last 90 days. please review its contents carefully", ("", None)),
        ("Branch-Protection", 9, "branch protection is not maximal", ("branches_protected", False)),
        ("Security-Policy", 4, "security policy file detected", ("policy_in_repository", True)),
        ("Signed-Releases", 8, "5 out of the last 5 releases", ("forge_releases_signed", True)),
        ("SBOM", 0, "SBOM file not detected", ("materials_listed", False)),
        ("Pinned-Dependencies", 9, "dependency not pinned by hash detected", ("build_pinned", False)),
        ("Vulnerabilities", 10, "0 existing vulnerabilities detected", ("repository_unaffected", True)),
        ("Fuzzing", 0, "project is not fuzzed", ("", None)),
        ("Code-Review", -1, "found no human review activity in the last 30 changesets", ("", None)),
        ("Maintained", -1, "internal error", ("", None)),
    ],
    ids=lambda row: f"{row[0]} {row[1]} {row[2][:20]}",
)
def test_what_a_check_bears_on(running: Pages, name: str, score: int, reason: str, fact: tuple[str, bool | None]):
    seen = of(look(running, documents.scorecard((name, score, reason))), f"check_{name}")
    assert (seen.fact, seen.holds) == fact
    assert seen.is_assessed is (score >= 0)


def test_a_whole_score_of_minus_one_is_not_assessed_and_not_zero(running: Pages):
    score = of(look(running, documents.scorecard(score=-1)), "score")
    assert (score.value, score.is_assessed) == ("Not assessed", False)


def test_a_repository_without_a_scorecard_is_not_assessed(running: Pages):
    [seen] = look(running, b"", status=404).seen
    assert (seen.is_assessed, seen.fact, seen.value) == (False, "", "Not assessed: 127.0.0.1 has none")


def test_the_scorecard_of_another_repository_says_nothing_of_this_one(running: Pages):
    found = look(running, documents.scorecard(repo={"name": "github.com/example/other", "commit": "a"}))
    assert (found.outcome, found.code, found.seen) == (Run.Status.FAILED, "other_repository", ())
    assert found.why == (
        "127.0.0.1 answered with the Scorecard of github.com/example/other, not of github.com/example/weather."
    )


def test_owner_and_name_are_the_same_in_capitals(running: Pages):
    found = look(running, documents.scorecard(repo={"name": "github.com/Example/Weather", "commit": "a"}))
    assert found.outcome == Run.Status.COMPLETE


@for_each(
    "changed",
    [
        {"repo": {}}, {"checks": []}, {"checks": "none"}, {"checks": [7]}, {"date": "lately"}, {"date": 7},
        {"date": "2026-12-01"}, {"score": 11}, {"score": "6"}, {"score": True},
        {"checks": [{"name": "Fuzzing", "score": 11}]}, {"checks": [{"name": "Fuzzing", "score": True}]},
        {"checks": [{"name": "Fuzzing", "score": 1.5}]}, {"checks": [{"name": "", "score": 1}]},
        {"checks": [{"name": "Fuzzing", "score": 0}, {"name": "Fuzzing", "score": 10}]},
    ],
    ids=str,
)  # fmt: skip
def test_an_answer_that_is_no_scorecard_is_not_assessed(running: Pages, changed: dict[str, Any]):
    found = look(running, documents.scorecard(**changed))
    assert (found.outcome, found.code, found.seen) == (Run.Status.FAILED, "unreadable", ())
