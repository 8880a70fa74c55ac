"""Taking in advisories is killed with SIGKILL at moments all over it: run again, all is as if it never had been."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from riskregister import env, variables
from tests import template
from tests.composition.test_advisories import advisory

RECORDS, KILLS = 1100, 10
# Takes a file in again and again, each time in a process of its own that kills itself before another of its statements;
# at last in peace, and once more. Prints what the register has then.
SCRIPT = """
import json, os, signal, sys
import django
django.setup()
from pathlib import Path
from django.db import connection
from django.utils import timezone
from audit.context import SYSTEM
from composition.models import Advisory, AffectedPackage, Identifier, Vulnerability
from feeds import asking, managing
from feeds.models import Feed, FeedRun

path, kills = Path(sys.argv[1]), int(sys.argv[2])

def take(at):
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1]
    seen = 0
    def counting(execute, sql, params, many, context):
        nonlocal seen
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)
    with connection.execute_wrapper(counting):
        asking.take_path(Feed.objects.get(), path, by=SYSTEM, now=timezone.now())
    os._exit(0)

managing.add(kind="osv", name="OSV", where="upload", by=SYSTEM, now=timezone.now())
connection.close()
ends = [take(7 + 8 * one) for one in range(kills)]
whole = take(0)
run = FeedRun.objects.filter(status="complete").latest("asked_at")
stamp = list(Advisory.objects.values_list("name", "taken_at"))
connection.close()
again = take(0)
last = FeedRun.objects.latest("asked_at")
print(json.dumps({
    "killed": sum(os.WIFSIGNALED(one) for one in ends),
    "ends": [whole, again],
    "seen": run.seen,
    "known": run.new + run.unchanged,
    "again": [last.seen, last.unchanged],
    "is_same": stamp == list(Advisory.objects.values_list("name", "taken_at")),
    "advisories": Advisory.objects.count(),
    "affected": AffectedPackage.objects.count(),
    "vulnerabilities": Vulnerability.objects.current().count(),
    "names": Identifier.objects.count(),
    "waiting": Advisory.objects.filter(needs_matching=True).count(),
    "under_way": FeedRun.objects.under_way().count(),
}))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a data folder with a migrated register."""
    with sqlite3.connect(template.sqlite_file()) as there, sqlite3.connect(tmp_path / "register.sqlite3") as here:
        there.backup(here)
    return tmp_path


def run(folder: Path, path: Path) -> dict[str, Any]:
    inherited = {name: value for name, value in os.environ.items() if name not in variables.VARIABLES}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path), str(KILLS)],
        env={**inherited, "RISKREGISTER_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "riskregister.settings"},
        cwd=env.BASE_DIR,
        check=True,
        capture_output=True,
        text=True,
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.slow
def test_nothing_is_lost_and_nothing_is_there_twice(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "osv.jsonl"
    # Two of each name of a vulnerability, far apart in the file.
    records = [advisory(f"PYSEC-2026-{one}", f"CVE-2026-{one % 550 + 1000}") for one in range(RECORDS)]
    path.write_text("\n".join(json.dumps(one) for one in records))

    assert run(folder, path) == {
        "killed": KILLS, "ends": [0, 0], "seen": RECORDS, "known": RECORDS, "again": [RECORDS, RECORDS],
        "is_same": True, "advisories": RECORDS, "affected": RECORDS, "vulnerabilities": 550, "names": RECORDS + 550,
        "waiting": RECORDS, "under_way": 0,
    }  # fmt: skip
