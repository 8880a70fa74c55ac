"""docs/operations.md: the commands for backup and restore are run as they stand there, on both engines."""

import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest

from riskregister import env
from riskregister import variables as declared
from tests import template
from tests.installation import Installation

pytestmark = pytest.mark.slow

TEXT = (env.BASE_DIR / "docs" / "operations.md").read_text()
WORK = """
import io
from evidence import records
from tests.cast import NOON, a_vendor, assemble
cast = assemble()
a_vendor(cast, "Before the backup")
report = io.BytesIO(b"An audit report.")
report.name = "report.txt"
records.add_file(report, title="Report", issuer="vendor", by=cast.alice, now=NOON, unit=cast.payments)
"""
DAMAGE = """
from accounts.models import User
from django.db import connection
from tests.cast import NOON
from vendors.registering import relations
alice = User.objects.get(email="alice@example.org")
relations.register_vendor(name="After the backup", kinds=["mcp_publisher"], by=alice, now=NOON)
connection.cursor().execute("DROP TRIGGER audit_event_no_change ON audit_event")
"""
LOOK = """
from django.utils import timezone
from audit.models import Event
from evidence import store
from evidence.models import Evidence
from operations import health
from vendors.models import Vendor
with store.open_blob(Evidence.objects.get().blob) as file:
    print(file.read().decode(), end=" ")
print(*Vendor.objects.values_list("name", flat=True), Event.objects.filter(verb="vendor.registered").count(), sep=", ")
print(health.readiness(now=timezone.now()).missing_guards)
"""
SEEN = "An audit report. Before the backup, 1\n()\n"


def commands(heading: str, *, postgres: bool) -> list[str]:
    """Return the shell lines below a heading: those for one machine, or those for PostgreSQL."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    [block] = [one for one in blocks if ("# PostgreSQL" in one) == postgres]
    return str(block).splitlines()


class Place:
    """A folder in which an installation's commands are typed."""

    def __init__(self, folder: Path, **variables: str) -> None:
        """Let `python manage.py` mean the product, as on a machine with its code."""
        (folder / "manage.py").symlink_to(env.BASE_DIR / "manage.py")
        inherited = {name: value for name, value in os.environ.items() if name not in declared.VARIABLES}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        self.folder = folder
        self.variables: Mapping[str, str] = {**inherited, "PATH": path, **variables}

    def sh(self, lines: list[str]) -> None:
        """Run shell lines; any that fails fails the test."""
        self._run(["sh", "-euc", "\n".join(lines)])

    def python(self, text: str) -> str:
        """Return what a piece of Python prints inside the product."""
        return self._run([sys.executable, "manage.py", "shell", "--no-imports", "-c", text])

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(command, cwd=self.folder, env=self.variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.mark.skipif(not shutil.which("sqlite3"), reason="needs the program sqlite3, as the documented command does")
def test_a_backup_of_one_machine_is_taken_while_it_runs_and_starts_elsewhere(installation, tmp_path):
    running: Installation = installation("--empty", folder=template.copy_into(tmp_path / "var"))
    running.address()
    place = Place(tmp_path, RISKREGISTER_DATA_DIR=str(tmp_path / "var"))
    place.python(WORK)
    place.sh(commands("Backup", postgres=False))
    running.stop()

    copied, started = commands("Restore", postgres=False)
    place.sh([copied])
    assert started == "RISKREGISTER_DATA_DIR=$PWD/restored script/server"
    restored: Installation = installation("--empty", folder=tmp_path / "restored")

    assert restored.status(f"{restored.address()}/readyz") == 200
    assert Place(restored.folder, RISKREGISTER_DATA_DIR=str(restored.folder)).python(LOOK) == SEEN
    assert (restored.folder / "secret_key").read_text() == (tmp_path / "var" / "secret_key").read_text()
    assert (tmp_path / "backup" / "register.sqlite3").stat().st_mode & 0o077 == 0


@pytest.fixture
def databases() -> Iterator[list[str]]:
    """Yield the addresses of two databases of their own: one as the first start leaves it, and one that is empty."""
    server = os.environ["TEST_DATABASE_URL"]
    names = [f"drill_{secrets.token_hex(4)}" for _ in range(2)]
    with psycopg.connect(server, autocommit=True) as connection:
        for name, source in zip(names, (template.postgres_database(), "template1"), strict=True):
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {source}")
        yield [f"{server.rsplit('/', 1)[0]}/{name}" for name in names]
        for name in names:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.postgres
@pytest.mark.skipif(not shutil.which("pg_dump"), reason="needs the programs pg_dump and pg_restore, as documented")
def test_a_backup_of_postgresql_is_restored_into_the_same_and_into_an_empty_database(databases, tmp_path):
    here, empty = (
        Place(folder, DATABASE_URL=url, RISKREGISTER_DATA_DIR=str(tmp_path / "data"), SECRET_KEY="k" * 50)
        for folder, url in zip((tmp_path / "here", tmp_path / "empty"), databases, strict=True)
        if not folder.mkdir()
    )
    here.python(WORK)
    here.sh(commands("Backup", postgres=True))
    here.python(DAMAGE)
    shutil.copytree(here.folder / "backup", empty.folder / "backup")
    assert here.python(LOOK) != SEEN

    for place in (here, empty):
        place.sh(commands("Restore", postgres=True))
        assert place.python(LOOK) == SEEN
