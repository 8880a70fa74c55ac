"""What tools suggest of their power."""

from dataclasses import dataclass

import pytest

from vendors.tool_power import MAX_NAMED, Suggestion, suggest_tool_power


@dataclass
class Offered:
    name: str
    read_only: bool | None = None
    destructive: bool | None = None


def suggested(*tools: Offered) -> Suggestion:
    suggestion = suggest_tool_power(tools)
    assert suggestion is not None
    return suggestion


@pytest.mark.parametrize(
    ("tool", "level"),
    [
        (Offered("get_weather"), "low"),
        (Offered("get_role", read_only=True), "low"),
        (Offered("listDeletedFiles"), "low"),
        (Offered("create_issue"), "moderate"),
        (Offered("forecast", read_only=True), "low"),
        (Offered("forecast", destructive=False), "moderate"),
        (Offered("forecast", destructive=True), "severe"),
        (Offered("forecast"), "high"),
        (Offered("send-email"), "high"),
        (Offered("runCommand"), "high"),
        (Offered("delete_file", read_only=True), "severe"),
        (Offered("search_and_delete"), "severe"),
        (Offered("create_refund"), "severe"),
        (Offered("deleteIAMRole"), "severe"),
    ],
)
def test_a_name_or_a_hint_suggests_the_level(tool: Offered, level: str):
    assert suggested(tool).level == level


def test_the_most_powerful_tools_decide_and_are_named():
    suggestion = suggested(Offered("get_file"), Offered("write_file"), Offered("delete_file"))

    assert (suggestion.level, suggestion.because, suggestion.tools) == (
        "severe",
        ("delete_file (named delete)",),
        1,
    )


def test_a_few_tools_stand_for_many():
    suggestion = suggested(*(Offered(f"delete_{letter}") for letter in "abcdefgh"))

    assert (len(suggestion.because), suggestion.tools) == (MAX_NAMED, 8)


def test_no_tools_suggest_nothing():
    assert suggest_tool_power([]) is None
