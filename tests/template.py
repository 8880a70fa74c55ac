"""What is made once a run, so that test databases and data folders are copies of it.

It is the register as `manage.py migrate` leaves it, and the one with the demo organisation.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from riskregister import env, variables
from tests.environment import ROOT

FOLDER = ROOT / "template"
DEMO_FOLDER = ROOT / "demo"
# The present of the demo organisation.
DEMO_NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
DATABASE = "register_template"


def sqlite_file() -> Path:
    """Return the migrated database file; it lies in `FOLDER`, the data folder that belongs to it."""
    _once("sqlite", {})
    return FOLDER / "register.sqlite3"


def copy_into(folder: Path) -> Path:
    """Return the folder, which now holds an empty register as the first start of one would leave it."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(sqlite_file(), folder / "register.sqlite3")
    return folder


def demo_folder() -> Path:
    """Return a data folder with the demo organisation as it is at DEMO_NOW: 14 months are built once a run."""
    with made("demo") as is_made:
        if not is_made:
            command = [sys.executable, "-m", "tests.demo.building", DEMO_NOW.isoformat()]
            # By the question set of all tests, so that it can be built again in one of them and says the same.
            chosen = {"RISKREGISTER_QUESTION_SET": os.environ["RISKREGISTER_QUESTION_SET"]}
            _run(command, copy_into(DEMO_FOLDER), chosen)
    return DEMO_FOLDER


def postgres_database() -> str:
    """Return the name of the migrated database on the throw-away PostgreSQL."""
    server = os.environ["TEST_DATABASE_URL"]
    _once("postgres", {"DATABASE_URL": f"{server.rsplit('/', 1)[0]}/{DATABASE}"})
    return DATABASE


def _once(name: str, extra: Mapping[str, str]) -> None:
    """Migrate an empty register, unless another process of this run has done it or is at it."""
    FOLDER.mkdir(exist_ok=True)
    # One lock for both engines: the keys that the first migration makes lie in the one data folder.
    with made("template", name) as is_made:
        if is_made:
            return
        if "DATABASE_URL" in extra:
            with psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True) as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {DATABASE}".encode())
                connection.execute(f"CREATE DATABASE {DATABASE}".encode())
        command = [sys.executable, str(env.BASE_DIR / "manage.py"), "migrate", "--verbosity=0", "--no-input"]
        _run(command, FOLDER, extra)


@contextmanager
def made(lock: str, *of: str) -> Iterator[bool]:
    """Hold a lock of all processes of the run, and give whether one of them has done what the block does."""
    done = ROOT / f"{'-'.join((lock, *of))}.done"
    with (ROOT / f"{lock}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield done.exists()
        done.touch()


def _run(command: Sequence[str], folder: Path, extra: Mapping[str, str]) -> None:
    """Run a command of the product on a data folder."""
    inherited = {variable: value for variable, value in os.environ.items() if variable not in variables.VARIABLES}
    inherited.pop("DJANGO_SETTINGS_MODULE", None)
    surroundings = {**inherited, "RISKREGISTER_DATA_DIR": str(folder), **extra}
    subprocess.run(command, cwd=env.BASE_DIR, env=surroundings, check=True)
