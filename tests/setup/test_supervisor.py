"""Keeping processes alive, with real ones."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from operations import supervisor
from operations.supervisor import Child
from riskregister.env import BASE_DIR
from tests.waiting import PATIENCE, is_gone, until

pytestmark = pytest.mark.slow

SLEEPER = "import time; open({file!r}, 'a').write('started\\n'); time.sleep(3600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEPER
PARENT = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}]); import time; time.sleep(3600)"


def lines(file: Path) -> int:
    return len(file.read_text().splitlines()) if file.exists() else 0


@pytest.fixture
def supervise(tmp_path):
    """Return a function that supervises the given programs from a process of its own; it is killed at the end."""
    started = []

    def start(*programs: str) -> subprocess.Popen[str]:
        script = textwrap.dedent(f"""
            import os, sys
            from operations.supervisor import Child, supervise
            commands = [[sys.executable, "-c", program] for program in {programs!r}]
            children = [Child(f"number {{n}}", command, os.environ) for n, command in enumerate(commands)]
            supervise(children, say=lambda sentence: print(sentence, flush=True))
        """)
        command = [sys.executable, "-c", script]
        process = subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True, start_new_session=True)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
            process.wait()


def children_of(process: subprocess.Popen[str], *, count: int) -> list[psutil.Process]:
    until(lambda: len(psutil.Process(process.pid).children()) == count, what=f"{count} children")
    children: list[psutil.Process] = psutil.Process(process.pid).children()
    return children


def test_starts_a_killed_process_again(supervise, tmp_path):
    file = tmp_path / "starts"
    running = supervise(SLEEPER.format(file=str(file)))
    until(lambda: lines(file) == 1, what="the start")

    children_of(running, count=1)[0].kill()

    until(lambda: lines(file) == 2, what="two starts")
    running.terminate()
    output, _errors = running.communicate(timeout=PATIENCE)
    assert "number 0 process ended (signal SIGKILL). It starts again in 2 s." in output


def test_the_others_keep_running_when_one_ends(supervise, tmp_path):
    lasting, ending = tmp_path / "lasting", tmp_path / "ending"
    supervise(SLEEPER.format(file=str(lasting)), f"open({str(ending)!r}, 'a').write('started\\n')")

    until(lambda: lines(lasting) == 1, what="the start")
    until(lambda: lines(ending) == 2, what="two starts")

    assert lines(lasting) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_stops_all_of_it(supervise, tmp_path, number):
    file = tmp_path / "starts"
    running = supervise(SLEEPER.format(file=str(file)), SLEEPER.format(file=str(file)))
    until(lambda: lines(file) == 2, what="two starts")
    children = children_of(running, count=2)

    running.send_signal(number)

    assert running.wait(timeout=PATIENCE) == 0
    assert not [child for child in children if child.is_running()]


def test_kills_what_does_not_stop(supervise, tmp_path):
    file = tmp_path / "starts"
    running = supervise(DEAF.format(file=str(file)))
    until(lambda: lines(file) == 1, what="the start")
    deaf = children_of(running, count=1)[0]

    running.terminate()

    assert running.wait(timeout=PATIENCE) == 0
    assert not deaf.is_running()


def test_ends_what_a_process_had_started_itself(supervise, tmp_path):
    file = tmp_path / "starts"
    running = supervise(PARENT.format(child=SLEEPER.format(file=str(file))))
    until(lambda: lines(file) == 1, what="the start")
    grandchild = children_of(running, count=1)[0].children()[0]

    running.terminate()

    running.wait(timeout=PATIENCE)
    until(lambda: is_gone(grandchild), what="the end of the grandchild")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="The kernel ends orphans on Linux only.")
def test_no_process_outlives_a_killed_supervisor(supervise, tmp_path):
    file = tmp_path / "starts"
    running = supervise(DEAF.format(file=str(file)))
    until(lambda: lines(file) == 1, what="the start")
    child = children_of(running, count=1)[0]

    running.kill()

    until(lambda: is_gone(child), what="the end of the child")


def test_the_pause_before_a_new_start_grows_up_to_half_a_minute_and_falls_back(tmp_path):
    child = Child("web", [sys.executable, "-c", "raise SystemExit(3)"], os.environ)
    pauses, now = [], 0.0
    for _ in range(6):
        now = max(now, child.start_at)
        child.tend(now=now)
        assert child.process
        child.process.wait(timeout=PATIENCE)
        child.tend(now=now + 1)
        pauses.append(child.pause)
        now += 1
    assert pauses == [2, 4, 8, 16, 30, 30]

    now = child.start_at
    child.tend(now=now)
    assert child.process
    child.process.wait(timeout=PATIENCE)
    sentence = child.tend(now=now + supervisor.HEALTHY_AFTER + 1)

    assert sentence == "The web process ended (exit code 3). It starts again in 1 s."
