"""What `script/server` starts, as a whole: real processes in a data folder of their own."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from operations import supervisor
from riskregister.env import BASE_DIR
from tests import template
from tests.installation import Installation
from tests.waiting import PATIENCE, is_gone, until

pytestmark = pytest.mark.slow

# The first month that is said to be built.
MONTH = re.compile(r"once \.\.\.\s+[A-Z][a-z]+ 20\d\d")


@pytest.fixture(scope="module")
def first_start(tmp_path_factory) -> Installation:
    """Return a register after `script/server --empty` in an empty folder, stopped again, with what it printed."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("first") / "data"
    surroundings = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = subprocess.Popen(
        [BASE_DIR / "script" / "server", "--empty"],
        env={**surroundings, "RISKREGISTER_VENV": sys.prefix, "PORT": str(port), "RISKREGISTER_DATA_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    started = Installation(process, folder)
    try:
        assert started.address() == f"http://localhost:{port}"
    finally:
        started.stop()
    return started


@pytest.fixture(scope="module")
def running(first_start, tmp_path_factory) -> Iterator[Installation]:
    """Yield a register started again, on a copy of what the first start left; the last test ends it."""
    folder = shutil.copytree(first_start.folder, tmp_path_factory.mktemp("again"), dirs_exist_ok=True)
    started = Installation.start(folder, flags=["--empty"], extra={})
    started.address()
    yield started
    started.stop()


def worker_of(running: Installation) -> psutil.Process:
    until(lambda: workers_of(running), what="a worker")
    [worker] = workers_of(running)
    return worker


def workers_of(running: Installation) -> list[psutil.Process]:
    children = psutil.Process(running.process.pid).children()
    return [child for child in children if not is_gone(child) and "runworker" in child.cmdline()]


def test_the_script_honours_port_and_data_folder(first_start):
    assert (first_start.folder / "register.sqlite3").exists()
    assert (first_start.folder / "secret_key").stat().st_mode & 0o777 == 0o600


def test_answers_and_shows_its_address(running):
    address = running.address()

    assert running.status(f"{address}/healthz") == 200
    assert f"The register runs at {address}" in running.printed


def people_in(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "register.sqlite3")) as database:
        return [email for (email,) in database.execute("SELECT email FROM accounts_user")]


def test_an_empty_register_prints_a_link_for_its_first_administrator(running):
    link = re.search(rf"^  ({running.address()}/\S+)$", running.printed, re.MULTILINE)

    assert link
    assert running.status(link[1]) == 200


def test_a_second_start_keeps_what_there_is(first_start, running):
    assert people_in(running.folder) == people_in(first_start.folder) == ["administrator@localhost"]
    assert (running.folder / "secret_key").read_bytes() == (first_start.folder / "secret_key").read_bytes()


def test_refuses_a_second_instance_on_the_same_data(running, installation):
    code, printed = installation("--empty", folder=running.folder).ending()

    assert code == 1
    assert f"The register already runs on {running.folder} (process {running.process.pid})." in printed
    assert "set RISKREGISTER_DATA_DIR to another folder" in printed


def test_names_the_way_out_when_the_port_is_taken(installation):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, printed = installation("--empty", PORT=str(port)).ending()

    assert code == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in printed
    assert "PORT=8010 script/server" in printed


def test_builds_no_demo_organisation_for_the_whole_network(installation, tmp_path):
    code, printed = installation(folder=template.copy_into(tmp_path), RISKREGISTER_BIND="0.0.0.0").ending()

    assert code == 1
    assert "The demo organisation has printed passwords and is for this machine only." in printed


def test_prints_each_login_of_the_demo_once(installation, tmp_path):
    running = installation(folder=shutil.copytree(template.demo_folder(), tmp_path, dirs_exist_ok=True))
    running.address()

    kept = re.findall(r"\S+@example\.org", (tmp_path / "demo-logins.txt").read_text())
    assert len(kept) == 11
    assert re.findall(r"\S+@example\.org", running.printed) == kept


def test_builds_the_demo_before_anything_else_and_half_of_it_never(installation, tmp_path):
    starting = installation(folder=template.copy_into(tmp_path))
    until(lambda: MONTH.search(starting.printed), what="a month of the demo organisation to be over")
    [[*_python, command, logins]] = [child.cmdline() for child in loading(starting)]

    assert (command, logins) == ("load_demo", "--no-logins")
    assert "Building the demo organisation, once ..." in starting.printed
    assert not workers_of(starting)

    assert starting.stop() != 0
    assert people_in(tmp_path) == []
    assert not (tmp_path / "demo-logins.txt").exists()


def loading(running: Installation) -> list[psutil.Process]:
    children = psutil.Process(running.process.pid).children()
    return [child for child in children if not is_gone(child) and "load_demo" in child.cmdline()]


def test_a_killed_worker_comes_back(running):
    first = worker_of(running)

    first.send_signal(signal.SIGKILL)
    first.wait(timeout=PATIENCE)

    assert worker_of(running).pid != first.pid


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="The kernel ends orphans on Linux only.")
def test_the_next_start_takes_over_from_a_killed_supervisor_at_once_and_stops_within_seconds(running, installation):
    processes = psutil.Process(running.process.pid).children(recursive=True)
    port = running.address().rpartition(":")[2]
    assert len(processes) >= 2

    running.process.kill()
    running.process.wait(timeout=PATIENCE)
    until(lambda: all(is_gone(one) for one in processes), what="the end of its processes")
    again = installation("--empty", PORT=port, folder=running.folder)

    assert again.address() == f"http://localhost:{port}"
    assert_stops(again)


def assert_stops(running: Installation) -> None:
    """Assert that it stops at once, and leaves no process."""
    processes = psutil.Process(running.process.pid).children(recursive=True)

    assert running.stop() == 0

    # Docker kills after ten seconds; what has not stopped by itself before is ended then.
    assert supervisor.STOP_WITHIN < 10
    assert processes
    assert not [process for process in processes if process.is_running()]
    assert running.printed.rstrip().endswith("Stopped.")
