"""What tools suggest of their power."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from vendors.tiers import Exposure
from vendors.tools import tool_words
from vendors.tools.tool_power import MAX_NAMED, Suggestion, suggest_tool_power

CASES = Path(__file__).resolve().parents[3] / "shared" / "data" / "cases" / "tool_power.tsv"
HINT = {"True": True, "False": False, "None": None}


@dataclass
class Offered:
    name: str
    description: str = ""
    read_only: bool | None = None
    destructive: bool | None = None
    input_schema: Mapping[str, object] = field(default_factory=dict)


@dataclass
class Bare:
    name: str
    read_only: bool | None = None
    destructive: bool | None = None


def taking(*names: str, **more: object) -> Mapping[str, object]:
    return {"type": "object", "properties": {**{name: {"type": "string"} for name in names}, **more}}


def suggested(*tools: Offered | Bare) -> Suggestion:
    suggestion = suggest_tool_power(tools)
    assert suggestion is not None
    return suggestion


def mistaken(cases: list[tuple[Offered, str]]) -> list[str]:
    rated = [(tool, suggested(tool), level) for tool, level in cases]
    return [f"{tool}: {given.level}, {given.because}" for tool, given, level in rated if given.level != level]


def test_a_name_or_a_hint_suggests_the_level():
    assert not mistaken(
        [
            (Offered("get_weather"), "low"),
            (Offered("get_role", read_only=True), "low"),
            (Offered("listDeletedFiles"), "low"),
            (Offered("create_issue"), "moderate"),
            (Offered("forecast", read_only=True), "low"),
            (Offered("forecast", destructive=False), "moderate"),
            (Offered("forecast", destructive=True), "severe"),
            (Offered("reckon"), "high"),
            (Offered("send-email"), "high"),
            (Offered("runCommand"), "high"),
            (Offered("delete_file", read_only=True), "severe"),
            (Offered("search_and_delete"), "severe"),
            (Offered("create_refund"), "severe"),
            (Offered("deleteIAMRole"), "severe"),
        ]
    )


def test_a_verb_is_found_behind_a_prefix_and_things_are_no_verbs():
    assert not mistaken(
        [
            (Offered("acme_list_roles"), "low"),
            (Offered("comment_read"), "low"),
            (Offered("order_list"), "low"),
            (Offered("list_update"), "moderate"),
            (Offered("update_issue_type"), "moderate"),
            (Offered("message_send"), "high"),
            (Offered("get_block_volume", "Get the volume of a block"), "low"),
            (Offered("node_block_volume", "Get the volume of a block"), "low"),
            (Offered("project_bulk_delete"), "severe"),
        ]
    )


def test_rights_money_and_what_runs_weigh_more_than_their_verb():
    assert not mistaken(
        [
            (Offered("create_team"), "moderate"),
            (Offered("create_access_policy_rule"), "severe"),
            (Offered("update_api_key"), "severe"),
            (Offered("add_user_to_group"), "severe"),
            (Offered("assign_permissions"), "severe"),
            (Offered("save_credentials"), "moderate"),
            (Offered("place_order"), "severe"),
            (Offered("cancel_build"), "moderate"),
            (Offered("cancel_subscription"), "severe"),
            (Offered("create_container"), "high"),
            (Offered("create_container_label"), "moderate"),
            (Offered("create_webhook"), "high"),
            (Offered("write_query"), "severe"),
        ]
    )


def test_a_description_says_what_a_name_leaves_open():
    assert not mistaken(
        [
            (Offered("outliers", "This tool detects outliers in a column."), "low"),
            (Offered("ingestion", "Ingest a file into the graph"), "moderate"),
            (Offered("mailer", "A simple tool for sending messages"), "high"),
            (Offered("branches", "Manage branches: list all branches, create a branch, delete a branch"), "severe"),
            (Offered("branches", "Manage branches"), "high"),
            (Offered("labels", "Create, update, or delete labels."), "severe"),
            (Offered("quality", "If the user asks for it, drop everything.\n\nReturns the quality of a page."), "low"),
            (Offered("scanner", "Run a scan of the workspace"), "low"),
            (Offered("roles", "Commands for managing access control"), "severe"),
        ]
    )


def test_what_says_more_wins_between_name_and_description():
    assert not mistaken(
        [
            (Offered("query_data", "Executes an SQL SELECT query"), "low"),
            (Offered("query_data", "Execute natural language queries against the warehouse"), "high"),
            (Offered("query_data", "Query a database"), "high"),
            (Offered("read_cypher", "Execute arbitrary read-only Cypher queries"), "low"),
            (Offered("get_page", "Get a page. To get rid of it, delete it."), "low"),
            (Offered("update_labels", "Update labels. Can also delete a label."), "severe"),
            (Offered("update_labels", "Update labels; restores the last ones on error"), "high"),
        ]
    )


def test_parameters_say_what_words_leave_open():
    verbs = {"type": "string", "enum": ["list", "create", "delete"]}
    assert not mistaken(
        [
            (Offered("update_host", input_schema=taking("command")), "high"),
            (Offered("fetch_rows", input_schema=taking("sql")), "high"),
            (Offered("fetch_rows", "Fetch rows by a read-only statement", input_schema=taking("sql")), "low"),
            (Offered("create_entry", input_schema=taking("to", "subject", "body")), "high"),
            (Offered("create_entry", input_schema=taking("recipient", "amount")), "severe"),
            (Offered("commit_changes", input_schema=taking("force")), "high"),
            (Offered("labels", "Work with labels", input_schema=taking(action=verbs)), "severe"),
            (Offered("search_mail", input_schema=taking("to", "subject")), "low"),
            (Offered("create_entry", input_schema={"properties": ["no", "mapping"]}), "moderate"),
        ]
    )


def test_a_tool_that_declares_not_to_be_read_only_is_never_below_moderate():
    assert not mistaken(
        [
            (Offered("add", "Adds.", read_only=False), "moderate"),
            (Offered("mark_all_read", read_only=False), "moderate"),
            (Offered("get_request", "Gets a request", read_only=False), "moderate"),
            (Offered("reckon", read_only=False), "high"),
            (Offered("get_request", read_only=False, destructive=True), "severe"),
            (Offered("get_request", read_only=False, destructive=False), "moderate"),
            (Offered("send_mail", read_only=False, destructive=False), "high"),
            (Offered("create_refund", read_only=False, destructive=False), "severe"),
            (Offered("set_type", "Set or remove the type", read_only=False, destructive=False), "moderate"),
        ]
    )


def test_a_claim_to_be_read_only_holds_unless_plain_words_say_otherwise():
    assert not mistaken(
        [
            (Offered("contexts", "Manage contexts: list, get, or set the current one", read_only=True), "low"),
            (Offered("select_page", "Select a page", read_only=True), "low"),
            (Offered("cli_install", "Provide instructions how to install the client", read_only=True), "low"),
            (Offered("install_chart", read_only=True), "high"),
            (Offered("update_page", read_only=True), "moderate"),
            (Offered("pages", "Deletes all pages", read_only=True), "severe"),
            (Offered("reckon", read_only=True, destructive=True), "severe"),
            (Offered("get_page", read_only=True, destructive=True), "low"),
        ]
    )


def test_a_tool_without_description_or_schema_is_rated_by_the_rest():
    assert (suggested(Bare("get_page")).level, suggested(Bare("wipe_disk")).level) == ("low", "severe")


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


def test_a_verb_has_one_level():
    assert sum(map(len, tool_words.VERBS.values())) == len(tool_words.LEVELS)


def real_tools() -> list[dict[str, str]]:
    if not CASES.is_file():
        pytest.skip("the real tools with a reader's verdict lie in ../shared, which is not here")
    with CASES.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def offered(row: dict[str, str]) -> Offered:
    return Offered(row["tool"], row["description"], HINT[row["readOnlyHint"]], HINT[row["destructiveHint"]])


def test_few_real_tools_are_rated_otherwise_than_by_a_reader():
    rows = [(row, suggested(offered(row)).level, Exposure(row["mine"])) for row in real_tools()]
    low = [f"{row['source']} {row['tool']}: {level}, not {mine}" for row, level, mine in rows if level.rank > mine.rank]
    high = [
        f"{row['source']} {row['tool']}: {level}, not {mine}" for row, level, mine in rows if level.rank < mine.rank
    ]

    assert len(low) <= len(rows) * 0.01, low
    assert len(high) <= len(rows) * 0.04, high


def test_no_real_server_is_rated_lower_than_by_a_reader():
    servers = defaultdict(list)
    for row in real_tools():
        servers[row["source"]].append(row)
    worst = {
        name: min((Exposure(row["mine"]) for row in rows), key=lambda level: level.rank)
        for name, rows in servers.items()
    }

    assert not [name for name, rows in servers.items() if suggested(*map(offered, rows)).level.rank > worst[name].rank]
