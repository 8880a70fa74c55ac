"""The register as `manage.py migrate` leaves it, made once a run: test databases and data folders are copies of it."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg

from riskregister import env
from tests.environment import ROOT

FOLDER = ROOT / "template"
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


def postgres_database() -> str:
    """Return the name of the migrated database on the throw-away PostgreSQL."""
    server = os.environ["TEST_DATABASE_URL"]
    _once("postgres", {"DATABASE_URL": f"{server.rsplit('/', 1)[0]}/{DATABASE}"})
    return DATABASE


def _once(name: str, extra: Mapping[str, str]) -> None:
    """Migrate an empty register, unless another process of this run has done it or is at it."""
    FOLDER.mkdir(exist_ok=True)
    done = ROOT / f"template-{name}.done"
    # One lock for both engines: the keys that the first migration makes lie in the one data folder.
    with (ROOT / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists():
            return
        if "DATABASE_URL" in extra:
            with psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True) as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {DATABASE}".encode())
                connection.execute(f"CREATE DATABASE {DATABASE}".encode())
        _migrate(extra)
        done.touch()


def _migrate(extra: Mapping[str, str]) -> None:
    inherited = {variable: value for variable, value in os.environ.items() if variable not in env.VARIABLES}
    inherited.pop("DJANGO_SETTINGS_MODULE", None)
    subprocess.run(
        [sys.executable, str(env.BASE_DIR / "manage.py"), "migrate", "--verbosity=0", "--no-input"],
        env={**inherited, "RISKREGISTER_DATA_DIR": str(FOLDER), **extra},
        check=True,
    )
