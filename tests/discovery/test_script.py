"""The stand-alone script: one file made of the reader itself, for old Pythons too, which tells names and no values."""

import ast
import json
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from discovery import script
from discovery.fleet import places, telling
from tests.discovery.reports import TOO_LONG

SECRET = "hunter2-Vb7sK9pQ4xLm"
CODEX = f'[mcp_servers.git]\ncommand = "uvx"\nargs = ["mcp-server-git==2025.7.1"]\nenv = {{ K = "{SECRET}" }}\n'
CURSOR = {"mcpServers": {"fs": {"command": "npx", "args": ["-y", "pkg", SECRET], "env": {"K": SECRET}}, "bad": 7}}
VSCODE = '{"servers": {"crm": {"url": "https://a.example/mcp", "headers": {"X": "' + SECRET + '"}},}} // ours'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with three clients, the configuration of one of which is broken in part."""
    folder = tmp_path_factory.mktemp("al")
    for name, text in {
        ".codex/config.toml": CODEX, ".cursor/mcp.json": json.dumps(CURSOR), ".config/Code/User/mcp.json": VSCODE
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the script as a file, somewhere without the register beside it."""
    path = tmp_path_factory.mktemp("script") / script.NAME
    path.write_text(script.text())
    return path


def run(
    file: Path, *arguments: str, python: str = sys.executable, **environment: str
) -> subprocess.CompletedProcess[str]:
    # -I: it finds no module of ours, whatever the folder and the variables say.
    return subprocess.run(
        [python, "-I", str(file), *arguments], capture_output=True, text=True, check=False, env=environment
    )


def expected(home: Path) -> dict[str, Any]:
    looked_for = [client for client in places.CLIENTS if client != places.PROJECT_FILE]
    return telling.report_of("LAPTOP-7", places.look_below([home], []), looked_for=looked_for)


def test_it_prints_what_the_reader_reads_and_no_value(file: Path, home: Path) -> None:
    done = run(file, "--machine", "LAPTOP-7", "--home", str(home))

    report = json.loads(done.stdout)
    assert report == expected(home)
    assert {entry["name"] for one in report["files"] for entry in one["entries"]} == {"git", "fs", "crm"}
    assert [one["unread"] for one in report["files"] if one["unread"]] == [
        [{"place": "~/.cursor/mcp.json", "name": "bad", "why": "It is no object."}]
    ]
    assert SECRET not in done.stdout
    assert str(home) not in done.stdout


@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10", "3.12", "3.13"])
def test_it_says_the_same_on_other_pythons(file: Path, home: Path, version: str) -> None:
    python = _python(version)
    if not python:
        pytest.skip(f"There is no Python {version} here.")

    done = run(file, "--machine", "LAPTOP-7", "--home", str(home), python=python)

    assert json.loads(done.stdout) == expected(home), done.stderr


def test_it_is_python_3_8_and_imports_the_standard_library_alone() -> None:
    tree = ast.parse(script.text(), feature_version=(3, 8))
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        )
    }  # fmt: skip

    assert imported <= sys.stdlib_module_names
    assert not {"removeprefix", "removesuffix", "is_relative_to", "pairwise"} & {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
    }


def test_each_name_at_its_top_is_there_once() -> None:
    names: Counter[str] = Counter()
    for node in ast.parse(script.text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names[node.name] += 1
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))

    assert [name for name, times in names.items() if times > 1] == []


def test_a_place_that_cannot_be_looked_at_is_told_and_stops_nothing(home: Path, tmp_path: Path) -> None:
    circle = tmp_path / ".cursor/mcp.json"
    circle.parent.mkdir()
    circle.symlink_to(circle)
    found = list(places.look_below([tmp_path, tmp_path / TOO_LONG, home], []))

    assert {one.client for one in found if one.entries} == {"Codex", "Cursor", "VS Code"}
    whys = {unread.why for one in found for unread in one.unread}
    assert whys == {"It cannot be opened: File name too long.", "It is no object."}


def test_it_sends_with_a_token_of_the_environment(file: Path, home: Path) -> None:
    with listening(201, {"entries": 3, "unapproved": 2}) as (url, heard):
        done = run(
            file, "--machine", "LAPTOP-7", "--home", str(home), "--unit", "u", "--send", url, RISKREGISTER_TOKEN="mvr_x"
        )

    assert (done.returncode, done.stdout) == (0, "Sent: 3 servers, 2 of them new and not approved.\n")
    [(path, token, body)] = heard
    assert (path, token) == ("/api/v1/discoveries/", "Bearer mvr_x")
    assert json.loads(body) == expected(home) | {"unit": "u"}
    assert SECRET not in body


def test_it_sends_nothing_without_a_token_or_in_the_clear(file: Path, home: Path) -> None:
    without = run(file, "--home", str(home), "--send", "https://register.example")
    assert (without.returncode, without.stderr) == (1, "Set RISKREGISTER_TOKEN to a token with the scope discover.\n")
    for address in (
        "http://register.example", "http://localhost.register.example", "http://127.0.0.1@register.example", "https://",
    ):  # fmt: skip
        plain = run(file, "--home", str(home), "--send", address, RISKREGISTER_TOKEN="mvr_x")
        refused = (1, "Give an address with https://: the token is sent to it.\n")
        assert (plain.returncode, plain.stderr) == refused, address


def test_a_redirect_does_not_get_the_token(file: Path, home: Path) -> None:
    with listening(200, {}) as (elsewhere, heard_there), listening(307, {}, location=elsewhere) as (url, heard):
        done = run(file, "--home", str(home), "--send", url, RISKREGISTER_TOKEN="mvr_x")

    assert (done.returncode, len(heard), heard_there) == (1, 1, [])
    assert done.stderr.startswith("The register answered 307")


@contextmanager
def listening(
    status: int, answer: dict[str, Any], *, location: str = ""
) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Give the address of a server on this machine, and what it heard: path, token and body of each request."""
    heard: list[tuple[str, str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            heard.append((self.path, self.headers["Authorization"], body))
            payload = json.dumps(answer).encode()
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _python(version: str) -> str:
    """Return a Python of this version on this machine, or an empty text."""
    named = shutil.which(f"python{version}")
    installed = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    return str(installed[-1]) if installed else named or ""
