"""What script/test runs: the suite on SQLite, the engine's part on PostgreSQL and Redis, the journeys in Chromium.

Two lanes run side by side, since processes that are started, killed and waited for leave a core idle by turns.
"""

import contextlib
import os
import platform
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TextIO
from xml.etree import ElementTree

from tests import machines

_NO_TESTS_COLLECTED = 5
_LONG = "--long"
_running: list["subprocess.Popen[bytes]"] = []


@dataclass(frozen=True, slots=True)
class Phase:
    """One run of pytest: which tests, on what, and in how many processes."""

    name: str
    on: str
    marker: str
    workers: int | str
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of pytest came to."""

    phase: Phase
    code: int
    passed: int
    failed: int
    skipped: int
    seconds: float

    @property
    def line(self) -> str:
        """Return the outcome as one of the last lines of script/test."""
        counts = f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        return f"{self.phase.name:<10} {counts} in {self.seconds:.0f} s on {self.phase.on}"


Lane = Sequence[Phase]


@contextlib.contextmanager
def prepared() -> Iterator[list[Lane]]:
    """Start the servers, find the browser, and yield the lanes of phases; stop the servers afterwards."""
    with machines.postgres() as database, machines.redis_server() as broker:
        sqlite = f"SQLite {sqlite3.sqlite_version}, embedded queue"
        servers = f"{database.version} and {broker.version}"
        addresses = {"TEST_DATABASE_URL": database.url, "TEST_REDIS_URL": broker.url}
        unit = Phase("unit", sqlite, "not (postgres or browser or slow)", "auto", {})
        engine = Phase("engine", servers, "(engine or postgres) and not browser", "auto", addresses)
        yield [[unit, engine], [_whole(sqlite)]]


def _whole(engine: str) -> Phase:
    """Return the phase of real processes and a real browser: as many at once as two cores bear."""
    marker = "(slow or browser) and not postgres"
    try:
        binary = machines.chromium()
    except machines.NotAvailable as error:
        # The tests themselves then fail where CI is set, and say the same as they skip elsewhere.
        return Phase("whole", f"{engine}; no browser: {error}", marker, 2, {})
    on = f"{engine}, {machines.chromium_version(binary)}"
    return Phase("whole", on, marker, 2, {"CHROMIUM": str(binary)})


def run(phase: Phase, arguments: Sequence[str], *, folder: Path, output: TextIO) -> Outcome:
    """Run pytest for a phase with the caller's own arguments after ours; return what it came to.

    `folder` is for what the phases share, such as the migrated register.
    """
    own, rest = _without_marker(arguments)
    marker = f"({phase.marker}) and ({own})" if own else phase.marker
    report = folder / f"{phase.name}.xml"
    command = [sys.executable, "-m", "pytest", "-q", "-m", marker, f"--junitxml={report}", "-o", "junit_logging=no"]
    # In the order of conftest.LONGEST, so that the last file to start is a short one.
    command += ["-n", str(phase.workers), "--dist", "loadfile", "--no-loadscope-reorder", *rest]
    print(f"\n== {phase.name}: {phase.on}", flush=True, file=output)
    begun = time.monotonic()
    # Without bytecode each of some hundred processes would compile the product, and each worker rewrite all tests.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    shared = {"RISKREGISTER_TEST_ROOT": str(folder), "RISKREGISTER_TEST_PHASE": phase.name}
    if _LONG in arguments:
        shared["RISKREGISTER_TEST_LONG"] = "1"
    code = _ended(
        subprocess.Popen(
            command, env={**inherited, **shared, **phase.environment}, stdout=output, stderr=subprocess.STDOUT
        )
    )
    counts = _counts(report) if report.exists() else (0, int(code != _NO_TESTS_COLLECTED), 0)
    return Outcome(phase, code, *counts, time.monotonic() - begun)


def _ended(process: "subprocess.Popen[bytes]") -> int:
    """Wait for the end of a phase and return its exit code; it does not outlive this process's own end."""
    _running.append(process)
    try:
        return process.wait()
    finally:
        _running.remove(process)
        if process.poll() is None:
            process.terminate()
            process.wait()


def side_by_side(lanes: Sequence[Lane], run_one: Callable[[Phase, TextIO], Outcome]) -> list[Outcome]:
    """Run the phases of each lane in turn, and the lanes at once; return what they came to, lane by lane.

    The last lane is seen while it runs, the others once it has ended: two at once would be one muddle.
    """
    *held, seen = lanes
    with ThreadPoolExecutor(max_workers=len(lanes)) as pool, contextlib.ExitStack() as files:
        outputs = [files.enter_context(tempfile.TemporaryFile("w+")) for _ in held]
        waiting = [pool.submit(_in_turn, lane, run_one, output) for lane, output in zip(held, outputs, strict=True)]
        try:
            last = _in_turn(seen, run_one, sys.stdout)
            outcomes = [one.result() for one in waiting]
        except BaseException:
            for process in _running.copy():
                process.terminate()
            raise
        for output in outputs:
            output.seek(0)
            shutil.copyfileobj(output, sys.stdout)
        return list(chain(*outcomes, last))


def _in_turn(lane: Lane, run_one: Callable[[Phase, TextIO], Outcome], output: TextIO) -> list[Outcome]:
    """Run a lane's phases, each even when an earlier one failed."""
    outcomes: list[Outcome] = []
    for phase in lane:
        outcomes.append(run_one(phase, output))
        if outcomes[-1].code < 0 or outcomes[-1].code in {2, 3, 4}:
            # Interrupted, an internal error or a usage error: the next phase would say the same.
            break
    return outcomes


def _without_marker(arguments: Sequence[str]) -> tuple[str, list[str]]:
    """Return the caller's -m expression, and the other arguments that are pytest's."""
    rest = [one for one in arguments if one != _LONG]
    if "-m" not in rest[:-1]:
        return "", rest
    place = rest.index("-m")
    own = rest[place + 1]
    del rest[place : place + 2]
    return own, rest


def _counts(report: Path) -> tuple[int, int, int]:
    """Return passed, failed (with errors) and skipped from a JUnit file that pytest has just written.

    A table of data is one test, however many of its rows failed.
    """
    cases: list[set[str]] = [{part.tag for part in case} for case in ElementTree.parse(report).iter("testcase")]
    failed = sum(bool(parts & {"failure", "error"}) for parts in cases)
    skipped = sum("skipped" in parts and not parts & {"failure", "error"} for parts in cases)
    return len(cases) - failed - skipped, failed, skipped


def summary(outcomes: Sequence[Outcome], *, seconds: float) -> str:
    """Return the last lines: what ran where, and the sum."""
    lines = [outcome.line for outcome in outcomes if outcome.code != _NO_TESTS_COLLECTED]
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    skipped = sum(outcome.skipped for outcome in outcomes)
    account = "root" if os.getuid() == 0 else "a normal user"
    lines.append(f"Python {platform.python_version()} on {platform.system()} as {account}, {seconds:.0f} s in all")
    lines.append(f"{passed} passed, {failed} failed, {skipped} skipped")
    return "\n".join(["", *lines])


def verdict(outcomes: Sequence[Outcome]) -> int:
    """Return the exit code: 0 when something ran and nothing failed, 5 when no test matched."""
    ran = [outcome for outcome in outcomes if outcome.code != _NO_TESTS_COLLECTED]
    if not ran:
        return _NO_TESTS_COLLECTED
    return next((outcome.code for outcome in ran if outcome.code), 0)


def main(arguments: Sequence[str]) -> int:
    """Run all phases; return the exit code."""
    begun = time.monotonic()
    with prepared() as lanes, tempfile.TemporaryDirectory(prefix="riskregister-test-") as folder:
        outcomes = side_by_side(lanes, lambda phase, output: run(phase, arguments, folder=Path(folder), output=output))
    print(summary(outcomes, seconds=time.monotonic() - begun), flush=True)
    return verdict(outcomes)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    sys.exit(main(sys.argv[1:]))
