"""The score on paper: exact text, and nothing that does not follow from its lines."""

import json
from typing import Any

import pytest

from riskregister.canonical import canonical
from scoring import scoresheet
from scoring.assurance import InvalidLine
from tests.assessments.answers import METHOD, scored, worked_example
from tests.tables import for_each


def sheet() -> dict[str, Any]:
    written: dict[str, Any] = json.loads(canonical(scoresheet.write(scored(worked_example()))))
    return written


def test_numbers_are_written_exactly() -> None:
    written = sheet()
    assert written["methodology"] == {"version": 1, "digest": METHOD.digest}
    assert [line["credit"] for line in written["lines"][2:6]] == ["5", "3/2", "9/4", "0"]
    assert [line["value"] for line in written["lines"][2:6]] == ["1", "1/2", "1", None]
    scope = written["dimensions"][1]
    assert (scope["score"], scope["coverage"], scope["confidence"]) == ("875/13", "11/13", "5/11")
    assert (written["overall"], written["band"]) == ("3735/52", "adequate")


def test_other_entries_are_left_alone() -> None:
    assert scoresheet.recompute(sheet() | {"question_set": "1"}) == scored(worked_example())


@for_each(("entry", "value"), [("overall", "72"), ("band", "strong"), ("coverage", "1"), ("dimensions", [])])
def test_refuses_a_result_that_does_not_follow(entry: str, value: object) -> None:
    with pytest.raises(scoresheet.DoesNotRecompute, match=f"from the lines: {entry}"):
        scoresheet.recompute(sheet() | {entry: value})


def test_refuses_a_changed_credit_and_a_changed_answer() -> None:
    credited = sheet()
    credited["lines"][2]["credit"] = "4"
    with pytest.raises(scoresheet.DoesNotRecompute, match="lines"):
        scoresheet.recompute(credited)
    answered = sheet()
    answered["lines"][2]["value"] = "1/4"
    with pytest.raises(scoresheet.DoesNotRecompute, match="dimensions, overall"):
        scoresheet.recompute(answered)


def test_refuses_another_methodology() -> None:
    with pytest.raises(scoresheet.DoesNotRecompute, match="the sheet names another"):
        scoresheet.recompute(sheet() | {"methodology": {"version": 1, "digest": "0" * 64}})


def test_refuses_a_line_that_contradicts_itself() -> None:
    broken = sheet()
    broken["lines"][2]["value"] = None
    with pytest.raises(InvalidLine, match="an option has a value"):
        scoresheet.recompute(broken)
