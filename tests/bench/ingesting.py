"""Measures how advisories are taken in: all that are among the shared data, and the same again."""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

django.setup()

from audit.context import SYSTEM  # noqa: E402 - models can be imported from here on
from feeds import managing  # noqa: E402
from feeds.models import FeedRun  # noqa: E402
from tests.bench import serving  # noqa: E402
from tests.bench.table import markdown, met  # noqa: E402
from tests.bench.writing import commit, put  # noqa: E402

BEGIN, END = "<!-- advisories: script/bench --advisories --write -->", "<!-- end of advisories -->"
DATA = Path(settings.BASE_DIR).parent / "shared" / "data" / "osv"
_HEAD = ("What", "Seconds", "Goal", "Of these its processor", "Memory at most", "Goal", "Rows written", "Met")
_SECONDS, _MEMORY = 60.0, 400.0


class Taken(NamedTuple):
    """How long a run of the command took, for how much of that it computed, its most memory in MB, and how many rows
    of the room were written.
    """

    seconds: float
    processor: float
    memory: float
    rows: int


def main(arguments: Sequence[str]) -> int:
    """Take in, measure, print; return 0 when every goal is met."""
    parser = argparse.ArgumentParser(
        prog="script/bench --advisories", description="Measure how advisories are taken in."
    )
    parser.add_argument("--database", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    parser.add_argument("--data", type=Path, default=DATA, help="a folder of OSV records")
    asked = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    call_command("migrate", verbosity=0)
    managing.add(kind="osv", name="OSV", where="upload", by=SYSTEM, now=timezone.now())
    first, second = _take(asked.data), _take(asked.data)
    runs = list(FeedRun.objects.order_by("asked_at"))
    rows = [
        _row(f"{runs[0].seen:,} records, none known before", first, is_met=first.rows > 0),
        _row("The same again", second, is_met=second.rows == 0 and _is_as_before(runs[1])),
    ]
    text = f"{_about(asked, load=load)}\n\n{markdown([_HEAD, *rows])}"
    print(text)
    if asked.write:
        put(text, BEGIN, END)
    return 0 if all(row[-1] == "yes" for row in rows) else 1


def _take(folder: Path) -> Taken:
    """Take in a folder by the command that administrators use, in a process of its own."""
    before, begun = _rows_written(), time.perf_counter()
    command = [sys.executable, "manage.py", "take_feed", "OSV", str(folder)]
    # The process waits for its own end alone, so that its memory is that of this run.
    process = subprocess.Popen(command, cwd=settings.BASE_DIR)
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"take_feed ended with {process.returncode}.")
    return Taken(time.perf_counter() - begun, used.ru_utime + used.ru_stime, _in_mb(used), _rows_written() - before)


def _in_mb(used: resource.struct_rusage) -> float:
    # Linux counts kilobytes, macOS bytes.
    return used.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _rows_written() -> int:
    """Return how many rows of the room's tables were inserted, updated or deleted since the database was made."""
    # What other processes wrote is counted once they have ended; this one keeps what it saw first unless told.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_user_tables "
            "WHERE relname LIKE 'composition_%%'"
        )
        return int(cursor.fetchone()[0])


def _is_as_before(run: FeedRun) -> bool:
    """Return whether every record that can be read is as it was; what was put aside is put aside again."""
    return run.unchanged + run.quarantined == run.seen and run.unchanged > 0


def _row(name: str, taken: Taken, *, is_met: bool) -> tuple[str, ...]:
    goals = (met(taken.seconds, _SECONDS), met(taken.memory, _MEMORY), "yes" if is_met else "no")
    return (
        name, f"{taken.seconds:.1f}", f"{_SECONDS:g}", f"{taken.processor:.1f}", f"{taken.memory:.0f} MB",
        f"{_MEMORY:g} MB", f"{taken.rows:,}", "yes" if set(goals) == {"yes"} else "no",
    )  # fmt: skip


def _about(asked: argparse.Namespace, *, load: float) -> str:
    return (
        f"{timezone.now():%Y-%m-%d}, commit {commit()}; {serving.machine()}; {serving.python()}; {asked.database}; "
        f"each run is `take_feed` in a process of its own; load of the machine before the start {load:.1f}, at the end "
        f"{os.getloadavg()[0]:.1f}."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
