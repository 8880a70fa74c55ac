"""Whatever form a capture has, what the server said comes out of it whole."""

import json
import time
from typing import Any

import pytest

from tests.tables import for_each
from vendors.offered import manifest
from vendors.offered.manifest import ManifestInvalid

A: dict[str, Any] = {"name": "a", "inputSchema": {"type": "object"}}
B: dict[str, Any] = {"name": "b", "inputSchema": {"type": "object"}}
HELLO = {
    "protocolVersion": "2025-06-18",
    "capabilities": {"tools": {"listChanged": True}},
    "serverInfo": {"name": "weather", "version": "1.2.3", "title": "Weather"},
    "instructions": "Ask for a place.",
}
PROMPTS = {"prompts": [{"name": "plan", "title": "Plan", "arguments": [{"name": "place", "required": True}]}]}
RESOURCES = {"resources": [{"uri": "file:///a", "name": "A", "mimeType": "text/plain"}]}
TEMPLATES = {"resourceTemplates": [{"uriTemplate": "file:///{path}", "name": "Files"}]}
ANSWERS = [HELLO, {"tools": [A], "nextCursor": "2"}, {"tools": [B]}, PROMPTS, RESOURCES, TEMPLATES]
MESSAGES = [{"jsonrpc": "2.0", "id": number, "result": answer} for number, answer in enumerate(ANSWERS)]
ASKED = {"jsonrpc": "2.0", "id": 9, "method": "tools/list", "params": {}}
STREAM = ": hello\r\n\r\n" + "".join(
    f"id: {number}\r\nevent: message\r\ndata: {json.dumps(message)}\r\n\r\n" for number, message in enumerate(MESSAGES)
)
SCRIPT = {
    "protocol_version": HELLO["protocolVersion"],
    "capabilities": HELLO["capabilities"],
    "server_info": HELLO["serverInfo"],
    "instructions": HELLO["instructions"],
    "tools_list": {"tools": [A, B]},
    "prompts_list": PROMPTS,
    "resources_list": RESOURCES,
    "resource_templates_list": TEMPLATES,
}


@for_each(
    ("form", "document"),
    [
        ("events", STREAM),
        ("events behind HTTP headers", f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n{STREAM}"),
        ("events with lone line feeds", STREAM.replace("\r\n", "\n")),
        ("lines", "\n".join(json.dumps(message) for message in MESSAGES)),
        ("a list of messages", json.dumps([ASKED, *MESSAGES])),
        ("what the script writes", json.dumps(SCRIPT)),
        ("a demo file", json.dumps({"vendor": {}, "captured": SCRIPT})),
    ],
    ids=lambda row: row[0],
)
def test_all_that_was_said_comes_in(form: str, document: str):
    found = manifest.parse(document)

    assert [tool.name for tool in found.tools] == ["a", "b"]
    assert (found.instructions, found.server_name, found.server_version) == ("Ask for a place.", "weather", "1.2.3")
    assert (found.protocol_version, found.capabilities) == ("2025-06-18", HELLO["capabilities"])
    assert [(row.kind, row.key) for row in found.offerings] == [
        ("prompt", "plan"),
        ("resource", "file:///a"),
        ("resource_template", "file:///{path}"),
    ]
    assert found.digest == manifest.parse(json.dumps(SCRIPT)).digest


def test_an_answer_keeps_the_instructions_beside_its_tools():
    assert manifest.parse(json.dumps({"tools": [A], "instructions": "Be kind."})).instructions == "Be kind."


def test_the_digest_covers_prompts_resources_and_templates():
    bare = manifest.parse(json.dumps({"tools": [A]})).digest

    others = [manifest.parse(json.dumps({"tools": [A]} | more)).digest for more in (PROMPTS, RESOURCES, TEMPLATES)]

    assert len({bare, *others}) == 4
    assert manifest.parse(json.dumps({"tools": [A], "prompts": []})).digest == bare


def test_a_list_that_was_asked_for_twice_counts_as_it_was_last():
    again = [*MESSAGES, {"jsonrpc": "2.0", "id": 7, "result": {"tools": [A]}}]

    assert [tool.name for tool in manifest.parse(json.dumps(again)).tools] == ["a"]


@for_each(
    ("document", "path", "words"),
    [
        (MESSAGES[:2], "message[1].result.nextCursor", "Capture all pages"),
        ([MESSAGES[0]], "", "No message holds tools"),
        ([{"jsonrpc": "2.0", "id": 1, "error": {"code": 1}}], "", "answered with an error"),
        ({"tools": [A], "prompts": {}}, "prompts", "Give an array"),
        ({"tools": [A], "prompts": [{}]}, "prompts[0].name", "Add it"),
        ({"tools": [A], "prompts": [{"name": "p", "arguments": {}}]}, "prompts[0].arguments", "array of objects"),
        ({"tools": [A], "resources": [{"uri": "u"}] * 2}, "resources[1].uri", "there twice"),
        ({"tools": [A], "resources": ["u"]}, "resources[0]", "object"),
        (SCRIPT | {"prompts_list": PROMPTS | {"nextCursor": "2"}}, "prompts_list.nextCursor", "Capture all pages"),
    ],
)
def test_what_is_not_whole_is_refused(document: Any, path: str, words: str):
    with pytest.raises(ManifestInvalid) as refusal:
        manifest.parse(json.dumps(document))

    messages = {problem.path: problem.message for problem in refusal.value.problems}
    assert words in messages[path]


@for_each(
    ("document", "words"),
    [
        ({"tools": [{"name": f"t{number}", "inputSchema": {}} for number in range(20_000)]}, "more than 2000 entries"),
        ({"tools": [A | {"description": "x" * 900_000}]}, "900000 characters"),
    ],
    ids=lambda row: row[1],
)
def test_what_is_too_much_is_refused_before_it_is_read(document: Any, words: str):
    raw, began = json.dumps(document), time.process_time()

    with pytest.raises(ManifestInvalid, match=words):
        manifest.parse(raw)

    # Reading it took 6 s of processor; counting takes some hundredths.
    assert time.process_time() - began < 0.5


def test_a_credential_in_what_the_digest_does_not_cover_is_dropped_and_said():
    pat = "ghp_A1b2A1b2A1b2A1b2A1b2A1b2A1b2A1b2A1b2"
    tool = A | {"_meta": {"deploy": pat, "build": "7"}}
    document = {
        "serverInfo": {"name": "x", "token": f"x {pat}"},
        "tools": [tool],
        "prompts": [{"name": "p", "_meta": {"k": pat}}],
    }

    found = manifest.parse(json.dumps(document))

    assert found.dropped == ("serverInfo.token", "tools.a._meta.deploy", "offered.prompts.p._meta.k")
    assert pat not in repr(found)
    assert found.tools[0].uncovered == {"_meta": {"build": "7"}}
    assert found.digest == manifest.parse(json.dumps({"tools": [A], "prompts": [{"name": "p"}]})).digest
