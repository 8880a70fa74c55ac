"""A look at a package that is started in a sandbox: what is seen, and that no program gets out or stays on."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psutil
import pytest

from inspection import sandbox
from inspection.bounds import Bounds, NothingSeen
from inspection.looking import look_at_package
from inspection.packages import Packaged, start
from monitoring.models import Run
from riskregister import env
from tests.inspection import stdio_server
from tests.inspection.stdio_packages import needs_sandbox, prepared
from tests.tables import for_each
from tests.waiting import PATIENCE, until
from vendors.offered import manifest

SHORT = Bounds(overall=1.5, request=0.5, silence=0.2)


def marked(folder: Path, behaviour: Any, **packaged: Any) -> tuple[Packaged, str]:
    """Return a prepared package, and a word in the environment of all that it starts."""
    mark = uuid4().hex
    return prepared(folder, behaviour, environment=[{"name": "MARK", "value": mark}], **packaged), mark


def left(mark: str) -> list[int]:
    """Return the processes of this machine that have the word in their environment or command."""
    return [one.pid for one in psutil.process_iter() if mark in _all_of(one)]


def _all_of(process: psutil.Process) -> str:
    try:
        return f"{process.environ()} {process.cmdline()}"
    except psutil.Error:
        return ""


def told(found: Any) -> str:
    """Return what the one tool of a server tells."""
    assert (found.outcome, found.why) == (Run.Status.COMPLETE, "")
    [tool] = manifest.parse(found.raw).tools
    return str(tool.description)


def seen(found: Any) -> dict[str, str]:
    return {one.key: one.value for one in found.seen}


@needs_sandbox
@for_each(
    "behaviour, version",
    [
        (stdio_server.serve, "2025-11-25"),
        (stdio_server.stateless, "2026-07-28"),
        (stdio_server.logs_to_its_output, "2025-11-25"),
        (stdio_server.ends_unless_a_session_is_begun, "2025-11-25"),
        (stdio_server.floods_its_errors, "2025-11-25"),
    ],
    ids=lambda row: row[0].__name__,
)
def test_sees_what_a_package_offers(behaviour: Any, version: str, tmp_path: Path):
    found = look_at_package(prepared(tmp_path / uuid4().hex, behaviour))

    assert (found.outcome, found.why) == (Run.Status.COMPLETE, "")
    assert [one.name for one in manifest.parse(found.raw).tools] == ["look_up"]
    strays = {"strays": ""} if behaviour is stdio_server.logs_to_its_output else {}
    assert seen(found) == {
        "started": "npm @example/weather 1.2.3", "protocol": version, "server": "weather 7.1",
    } | strays  # fmt: skip


@needs_sandbox
def test_a_server_that_says_nothing_to_what_it_does_not_know_is_begun_with_as_before(tmp_path: Path):
    package = prepared(tmp_path, stdio_server.says_nothing_to_what_it_does_not_know, bounds=Bounds(silence=0.2))
    found = look_at_package(package)

    assert (found.outcome, seen(found)["protocol"]) == (Run.Status.COMPLETE, "2025-11-25")


@needs_sandbox
@for_each(
    "behaviour, bounds, code, words",
    [
        (stdio_server.hangs, SHORT, "too_slow", "It took longer than 0.5 seconds for an answer, or 1.5 for all."),
        (stdio_server.reads_and_says_nothing, SHORT, "too_slow", "It took longer than 0.5 seconds"),
        (stdio_server.closes_its_output, SHORT, "too_slow", "It took longer than 0.5 seconds"),
        (stdio_server.floods, Bounds(), "too_large", "It wrote more than 4,194,304 bytes."),
        (stdio_server.one_long_line, Bounds(), "too_large", "It wrote more than 4,194,304 bytes."),
        (stdio_server.exits_at_once, Bounds(), "ended",
            "It ended by itself with code 1, without an answer: No key is set, giving up.",
        ),
        (stdio_server.writes_half_an_answer, Bounds(), "unreadable", "Its answer cannot be read"),
    ],
    ids=lambda row: row[0].__name__,
)  # fmt: skip
def test_whatever_a_program_does_instead_is_said_in_its_time_and_nothing_of_it_is_left(
    behaviour: Any, bounds: Bounds, code: str, words: str, tmp_path: Path
):
    package, mark = marked(tmp_path / uuid4().hex, behaviour, bounds=bounds)
    began = time.monotonic()
    found = look_at_package(package)

    assert (found.outcome, found.code, found.raw) == (Run.Status.FAILED, code, ""), found.why
    assert found.why.startswith(words), found.why
    assert time.monotonic() - began < bounds.overall + PATIENCE
    until(lambda: not left(mark), what="the end of all processes")


@needs_sandbox
def test_children_that_would_outlive_it_are_gone(tmp_path: Path):
    package, mark = marked(tmp_path, stdio_server.leaves_children)
    found = look_at_package(package)

    assert found.outcome == Run.Status.COMPLETE
    until(lambda: not left(mark), what="the end of the children")


@needs_sandbox
def test_it_cannot_make_processes_without_end_and_all_that_it_made_are_gone(tmp_path: Path):
    package, mark = marked(tmp_path, stdio_server.forks_without_end)
    made, word = told(look_at_package(package)).split()

    assert word == "processes"
    assert 10 < int(made) < 100
    until(lambda: not left(mark), what="the end of what it made")


@needs_sandbox
def test_what_its_document_sets_is_for_the_program_alone_and_not_for_what_confines_it(tmp_path: Path):
    # The loader of whatever has this variable prints its help and ends.
    package = prepared(tmp_path, environment=[{"name": "LD_DEBUG", "value": "help"}])
    found = look_at_package(package)

    assert (found.outcome, found.code) == (Run.Status.FAILED, "ended"), found.why
    assert found.why.startswith("It ended by itself with code 0")


@needs_sandbox
def test_it_ends_with_the_process_that_looks(tmp_path: Path):
    package, mark = marked(tmp_path, stdio_server.hangs)
    how = start(package)
    command = sandbox.command(how.program, package=how.folder, environment=how.environment)
    script = (
        "import json, sys, time; from inspection import bounds, program\n"
        "with program.started(json.loads(sys.argv[1]), bounds.Bounds()): print('stands', flush=True); time.sleep(600)"
    )
    looking = subprocess.Popen(
        [sys.executable, "-c", script, json.dumps(command)], cwd=env.BASE_DIR, stdout=subprocess.PIPE, text=True
    )
    assert looking.stdout is not None
    assert looking.stdout.readline() == "stands\n"
    assert len(left(mark)) > 1
    looking.send_signal(signal.SIGKILL)
    looking.wait()
    looking.stdout.close()

    until(lambda: not left(mark), what="the end of the sandbox")


@needs_sandbox
def test_nothing_of_the_machine_can_be_reached_read_or_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WEATHER_KEY", "ours")
    (tmp_path / "secret").write_text("ours")
    package = prepared(tmp_path / "packages", stdio_server.tries_to_get_out)
    (package.place / "theirs").write_text(str(tmp_path / "secret"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        (package.place / "port").write_text(str(listening.getsockname()[1]))
        found = json.loads(told(look_at_package(package)))
        listening.settimeout(0)
        with pytest.raises(BlockingIOError):
            listening.accept()

    assert (found["network"], found["name"]) == ("ConnectionRefusedError", "gaierror")
    assert found["interfaces"] == ["lo"]
    assert set(found["environment"]) <= {"HOME", "LANG", "PATH", "PWD", "TMPDIR", "LC_CTYPE"}
    assert (found["theirs"], found["secret"]) == ("FileNotFoundError", "FileNotFoundError")
    assert (found["writes"], found["scratch"]) == ([], True)
    assert (found["home"], found["user"]) == ("/tmp", True)
    assert "home" not in found["root"]
    assert len(found["processes"]) <= 3
    assert found["capabilities"] == ["CapEff:\t0000000000000000", "NoNewPrivs:\t1"]
    # As another user than root, and as root.
    assert found["namespace"] in ("OSError", "PermissionError")
    assert found["thread"] == "it works: None"
    assert found["python"].startswith(sys.base_prefix)
    assert sorted(one.name for one in package.place.iterdir()) == ["behaviour", "port", "run", "theirs"]


@needs_sandbox
@for_each(
    "behaviour, most",
    [(stdio_server.takes_memory_without_end, 1024), (stdio_server.fills_its_folder, 64)],
    ids=lambda row: row[0].__name__,
)
def test_memory_and_disk_have_an_end(behaviour: Any, most: int, tmp_path: Path):
    size, unit = told(look_at_package(prepared(tmp_path / uuid4().hex, behaviour))).split()

    assert unit == "MB"
    assert most // 2 <= int(size) <= most


# What it is started with


def test_what_it_wants_and_nobody_names_is_made_up_and_said(tmp_path: Path):
    package = prepared(
        tmp_path,
        environment=[
            {"name": "API_KEY", "is_required": True, "is_secret": True},
            {"name": "OPTIONAL", "is_required": False, "is_secret": True},
            {"name": "REGION", "default": "eu"},
            {"name": "no name", "value": "x"},
        ],
        arguments=[
            {"type": "positional", "value_hint": "allowed_dir", "is_required": True, "format": "filepath"},
            {"type": "named", "name": "--mode", "value": "mode-{mode}", "variables": [
                {"name": "mode", "choices": ["read", "write"]},
            ]},
            {"type": "named", "name": "--level", "value": "3"},
        ],
    )  # fmt: skip
    how = start(package)

    assert how.environment == {"API_KEY": "placeholder", "REGION": "eu"}
    assert how.program == ("/package/run", "/tmp", "--mode", "mode-read", "--level", "3")
    assert how.made_up == ("API_KEY", "allowed_dir", "--mode")


@for_each(
    "name, packaged, code",
    [
        ("not prepared", {"version": "9"}, "not_prepared"),
        ("leads elsewhere", {"identifier": "../../etc"}, "invalid"),
        ("is an option", {"identifier": "--registry"}, "invalid"),
        ("is a range", {"version": ">=1"}, "invalid"),
        ("holds what no program can be given",
            {"arguments": [{"type": "positional", "value": "a\0b"}]}, "invalid",
        ),
    ],
    ids=lambda row: row[0],
)  # fmt: skip
def test_what_cannot_be_started_says_why(name: str, packaged: dict[str, Any], code: str, tmp_path: Path):
    folder = tmp_path / uuid4().hex
    prepared(folder)
    fields: dict[str, Any] = {
        "registry_type": "npm",
        "identifier": "@example/weather",
        "version": "1.2.3",
        "folder": folder,
    }
    found = look_at_package(Packaged(**fields | packaged))

    assert (found.outcome, found.code) == (Run.Status.FAILED, code)


def test_a_package_starts_with_the_command_of_its_name(tmp_path: Path):
    package = prepared(tmp_path)
    (package.place / "run").unlink()
    described = package.place / "node_modules" / "@example/weather" / "package.json"
    described.parent.mkdir(parents=True)
    described.write_text('{"bin": {"other": "a.js", "weather": "b.js"}}')
    assert start(package).program == ("/package/node_modules/.bin/weather",)

    described.write_text('{"bin": {"other": "a.js", "../weather": "b.js"}}')
    with pytest.raises(NothingSeen, match="has no command of its own name"):
        start(package)


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """Give a folder that is not below the one that each sandbox has of its own."""
    with TemporaryDirectory(dir="/var/tmp") as folder:
        yield Path(folder)


@needs_sandbox
def test_of_the_folder_that_node_lies_in_only_programs_and_libraries_are_shown(
    tmp_path: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
):
    home = elsewhere / "home"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "node").write_text("#!/bin/sh\n")
    (home / "bin" / "node").chmod(0o755)
    (home / "secret").write_text("hunter2")
    monkeypatch.setenv("PATH", f"{home / 'bin'}:{os.environ['PATH']}")
    package = prepared(tmp_path / "packages", stdio_server.tries_to_get_out)
    (package.place / "port").write_text("9")
    for name, found in (("bin/node", "it works: #!/bin/sh\n"), ("secret", "FileNotFoundError")):
        (package.place / "theirs").write_text(str(home / name))
        assert json.loads(told(look_at_package(package)))["theirs"] == found


def test_without_a_sandbox_nothing_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    found = look_at_package(prepared(tmp_path / "packages"))

    assert (found.outcome, found.code) == (Run.Status.FAILED, "no_sandbox")
    assert found.why.startswith("There is no bubblewrap (bwrap) on this machine")


def test_a_sandbox_that_cannot_be_made_is_said_and_nothing_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    broken, touched = tmp_path / "bwrap", tmp_path / "touched"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{Path(shutil.which('sh') or '/bin/sh').parent}")
    package = prepared(tmp_path / "packages")
    (package.place / "run").write_text(f"#!/bin/sh\necho >{touched}\n")
    found = look_at_package(package)

    assert (found.outcome, found.code, touched.exists()) == (Run.Status.FAILED, "no_sandbox", False)
    assert "cannot be made on this machine: bwrap: No permissions to create new namespace. Nothing" in found.why
