"""The last lines and the exit code of script/test."""

import threading

from riskregister.env import BASE_DIR
from tests import phases
from tests.conftest import is_passed_by
from tests.phases import Outcome, Phase
from tests.waiting import PATIENCE

UNIT = Phase("unit", "SQLite 3.40.1", "not slow", 1, {})
ENGINE = Phase("engine", "PostgreSQL 15.8 and Redis 7.0.15", "engine", 1, {})

WHOLE = Phase("whole", "Chromium 150", "slow", 1, {})


def outcome(phase: Phase, *, code: int = 0, passed: int = 3, failed: int = 0, skipped: int = 0) -> Outcome:
    return Outcome(phase, code, passed, failed, skipped, 2.0)


def test_the_last_line_is_the_sum_of_all_phases():
    text = phases.summary([outcome(UNIT, skipped=1), outcome(ENGINE, code=1, passed=4, failed=2)], seconds=9)

    assert text.splitlines()[-1] == "7 passed, 2 failed, 1 skipped"
    assert "engine     4 passed, 2 failed, 0 skipped in 2 s on PostgreSQL 15.8 and Redis 7.0.15" in text


def test_one_failing_phase_fails_the_run():
    assert phases.verdict([outcome(UNIT, code=1, failed=1), outcome(ENGINE)]) == 1


def test_a_phase_without_a_matching_test_is_no_failure_and_not_shown():
    outcomes = [outcome(UNIT), outcome(ENGINE, code=5, passed=0)]

    assert phases.verdict(outcomes) == 0
    assert "engine" not in phases.summary(outcomes, seconds=1)


def test_an_expression_that_matches_nothing_is_not_a_success():
    assert phases.verdict([outcome(UNIT, code=5, passed=0), outcome(ENGINE, code=5, passed=0)]) == 5


def test_counts_the_tests_of_a_report_that_passed_failed_and_were_skipped(tmp_path):
    cases = ["", "", "<failure/><failure/>", "<error/>", "<skipped/>"]
    report = tmp_path / "report.xml"
    lines = "".join(f"<testcase>{case}</testcase>" for case in cases)
    report.write_text(f'<testsuites><testsuite tests="6" failures="2">{lines}</testsuite></testsuites>')

    assert phases._counts(report) == (2, 2, 1)


def test_an_own_marker_is_combined_with_that_of_the_phase():
    assert phases._without_marker(["-k", "vendor", "-m", "engine", "-x"]) == ("engine", ["-k", "vendor", "-x"])


def test_long_is_the_suites_own_word_and_not_passed_on():
    assert phases._without_marker(["--long", "-k", "vendor"]) == ("", ["-k", "vendor"])


def test_lanes_run_at_once_and_their_outputs_do_not_mix(capsys):
    met = threading.Barrier(2)

    def run_one(phase: Phase, output) -> Outcome:
        print(f"{phase.name} begins", file=output)
        if phase is not ENGINE:
            met.wait(timeout=PATIENCE)
        print(f"{phase.name} ends", file=output)
        return outcome(phase, code=1 if phase is UNIT else 0)

    found = phases.side_by_side([[UNIT, ENGINE], [WHOLE]], run_one)

    assert [one.phase.name for one in found] == ["unit", "engine", "whole"]
    assert capsys.readouterr().out.splitlines() == [
        "whole begins", "whole ends", "unit begins", "unit ends", "engine begins", "engine ends",
    ]  # fmt: skip


def test_a_lane_ends_with_a_phase_that_was_interrupted(capsys):
    found = phases.side_by_side([[UNIT, ENGINE], [WHOLE]], lambda phase, _output: outcome(phase, code=2))

    assert [one.phase.name for one in found] == ["unit", "whole"]


def test_a_phase_loads_only_files_of_which_it_runs_something():
    # Marked on the whole module, on one of its tests, by conftest's list, and not at all.
    files = {
        "tests/setup/test_serve.py": {"whole"},
        "tests/jobs/test_broken_engines.py": {"whole", "engine"},
        "tests/web/test_plans.py": {"unit", "engine"},
        "tests/web/test_account.py": {"unit"},
        "tests/findings/test_acceptance.py": {"unit", "engine"},
        "tests/journeys/test_access_matrix.py": {"whole"},
        "tests/api/test_junk.py": {"whole", "engine"},
    }
    found = {
        name: {one for one in ("unit", "engine", "whole") if not is_passed_by(BASE_DIR / name, one)} for name in files
    }
    assert found == files
    assert not any(is_passed_by(BASE_DIR / name, "") for name in files)
