"""script/capture_tools against real processes: a small MCP server in each of its moods."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from riskregister.env import BASE_DIR
from tests.tables import for_each
from tests.waiting import PATIENCE, until
from vendors.offered import manifest

SERVER = """
import json, os, subprocess, sys, time

mood = sys.argv[1]
pages = {None: (["b"], "2"), "2": (["a"], None)}
if mood == "forking":
    line = os.open(sys.argv[2], os.O_WRONLY)
    os.write(line, b"x")
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"], pass_fds=[line])

def say(message):
    print(json.dumps({"jsonrpc": "2.0"} | message), flush=True)

def tool(name):
    return {"name": name, "inputSchema": {"type": "object"}, "hidden": mood}

def answer(request):
    if request["method"] == "initialize":
        if mood == "chatty":
            print("Welcome!", flush=True)
            say({"method": "notifications/message", "params": {}})
            say({"id": 1, "method": "roots/list"})
            print(sys.stdin.readline().strip(), file=sys.stderr)
        info = {"name": "moody", "version": "3"}
        hello = {"protocolVersion": "2025-11-25", "serverInfo": info, "instructions": ",".join(sorted(os.environ))}
        return hello | ({"capabilities": {"tools": {}, "prompts": {}, "resources": {}}} if mood == "generous" else {})
    if request["method"] == "prompts/list":
        return {"prompts": [{"name": "plan"}]}
    if request["method"] == "resources/list":
        return {"resources": [{"uri": "file:///a"}]}
    if mood == "toolless":
        return {"resources": []}
    names, cursor = pages[request["params"].get("cursor")]
    if mood == "endless":
        cursor = "2"
    return {"tools": [tool(name) for name in names]} | ({"nextCursor": cursor} if cursor else {})

for line in sys.stdin:
    request = json.loads(line)
    if "id" not in request:
        continue
    if mood == "silent":
        time.sleep(3600)
    while mood == "babbling":
        say({"method": "notifications/message", "params": {}})
        time.sleep(0.1)
    if mood == "dying":
        sys.exit(3)
    if request["method"] == "resources/templates/list":
        say({"id": request["id"], "error": {"code": -32601, "message": "no templates"}})
    elif mood == "refusing" and request["method"] == "tools/list":
        say({"id": request["id"], "error": {"code": -32603, "message": "fetch failed"}})
    else:
        say({"id": request["id"], "result": answer(request)})
"""


@pytest.fixture
def server(tmp_path: Path) -> Path:
    path = tmp_path / "server.py"
    path.write_text(SERVER)
    return path


def capture(server: Path, *words: str, options: tuple[str, ...] = ()) -> "subprocess.CompletedProcess[str]":
    script = [sys.executable, str(BASE_DIR / "script" / "capture_tools"), "--seconds", f"{PATIENCE:.0f}", *options]
    command = [*script, "--", sys.executable, str(server), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)


def captured(server: Path, *words: str, options: tuple[str, ...] = ()) -> dict[str, Any]:
    done = capture(server, *words, options=options)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_joins_all_pages_and_keeps_fields_it_does_not_know(server: Path) -> None:
    found = captured(server, "calm")
    assert [tool["name"] for tool in found["tools_list"]["tools"]] == ["b", "a"]
    assert found["tools_list"]["tools"][0]["hidden"] == "calm"
    assert "nextCursor" not in found["tools_list"]


def test_what_it_prints_can_be_imported_as_it_is(server: Path) -> None:
    imported = manifest.parse(capture(server, "calm").stdout)
    assert [tool.name for tool in imported.tools] == ["a", "b"]
    assert (imported.server_name, imported.server_version) == ("moody", "3")


def test_captures_what_the_server_offers_beside_its_tools(server: Path) -> None:
    done = capture(server, "generous")

    found = json.loads(done.stdout)
    assert found["prompts_list"] == {"prompts": [{"name": "plan"}]}
    assert "resource_templates_list" not in found
    assert 'refused resources/templates/list: {"code": -32601' in done.stderr
    imported = manifest.parse(done.stdout)
    assert [(row.kind, row.key) for row in imported.offerings] == [("prompt", "plan"), ("resource", "file:///a")]
    assert imported.capabilities == {"tools": {}, "prompts": {}, "resources": {}}


def test_gives_the_server_little_of_the_environment_and_prints_no_value(
    server: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "pa55")
    done = capture(server, "calm", options=("--env", "ACME_KEY=hunter2"))
    names = set(json.loads(done.stdout)["instructions"].split(","))
    # The interpreter itself sets LC_CTYPE where no locale is given.
    assert names - {"LC_CTYPE", "__CF_USER_TEXT_ENCODING"} <= {"PATH", "HOME", "LANG", "ACME_KEY"}
    assert json.loads(done.stdout)["env_names"] == ["ACME_KEY"]
    assert "hunter2" not in done.stdout + done.stderr


def test_bears_greetings_notifications_and_questions(server: Path) -> None:
    done = capture(server, "chatty")
    assert done.returncode == 0
    assert json.loads(done.stderr.splitlines()[0])["error"]["code"] == -32601


@for_each(
    ("mood", "words"),
    [
        ("silent", "No answer to initialize within 1 seconds."),
        ("babbling", "No answer to initialize within 1 seconds."),
        ("toolless", "The answer to tools/list holds no array of tools."),
        ("dying", "The server ended before it answered initialize."),
        ("refusing", 'The server refused tools/list: {"code": -32603, "message": "fetch failed"}'),
    ],
)
def test_says_why_it_failed_and_prints_nothing(server: Path, mood: str, words: str) -> None:
    done = capture(server, mood, options=("--seconds", "1") if mood in ("silent", "babbling") else ())
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr


def test_gives_up_on_a_list_without_end(server: Path) -> None:
    assert "more than 100 pages" in capture(server, "endless").stderr


def test_a_command_that_is_not_there_is_named() -> None:
    script = [sys.executable, str(BASE_DIR / "script" / "capture_tools"), "no-such-server"]
    done = subprocess.run(script, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert "no-such-server cannot be started" in done.stderr


@for_each("pair", ["NAME", "=value"])
def test_an_environment_value_without_a_name_is_wrong_usage(server: Path, pair: str) -> None:
    done = capture(server, "calm", options=("--env", pair))
    assert done.returncode == 2
    assert "NAME=VALUE" in done.stderr


def test_ends_the_server_and_its_children(server: Path, tmp_path: Path) -> None:
    line = tmp_path / "line"
    os.mkfifo(line)
    end = os.open(line, os.O_RDONLY | os.O_NONBLOCK)
    try:
        captured(server, "forking", str(line))
        assert os.read(end, 1) == b"x"
        # The line reads as ended when the last process that holds it, the server's child, is gone.
        until(lambda: _has_ended(end), what="the end of the server's child")
    finally:
        os.close(end)


def _has_ended(end: int) -> bool:
    try:
        return os.read(end, 1) == b""
    except BlockingIOError:
        return False
