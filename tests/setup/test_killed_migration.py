"""Migrations on SQLite take the guards aside only while they run: nobody who kills one takes them away."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from riskregister import env, variables
from tests import template

# Migrates in a process of its own; the last statement of a migration on a guarded table kills it where asked.
SCRIPT = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader

def end(apps, schema_editor):
    if sys.argv[1] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)

class Wider(migrations.Migration):
    dependencies = [("audit", sorted(name for app, name in MigrationLoader(connection).graph.leaf_nodes("audit"))[-1])]
    operations = [
        migrations.AlterField("event", "object_label", models.CharField(max_length=260)),
        migrations.RunPython(end),
    ]

load = MigrationLoader.load_disk
def with_one_more(loader):
    load(loader)
    if sys.argv[1] != "nothing":
        loader.disk_migrations["audit", "9999_wider"] = Wider("9999_wider", "audit")
MigrationLoader.load_disk = with_one_more
call_command("migrate", verbosity=0, interactive=False)
"""


def triggers(folder: Path) -> dict[str, str]:
    with sqlite3.connect(folder / "register.sqlite3") as database:
        return dict(database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall())


def migrate(folder: Path, how: str) -> int:
    inherited = {name: value for name, value in os.environ.items() if name not in variables.VARIABLES}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, how],
        env={**inherited, "RISKREGISTER_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "riskregister.settings"},
        cwd=env.BASE_DIR,
        check=False,
    )
    return done.returncode


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a data folder with a migrated register."""
    with sqlite3.connect(template.sqlite_file()) as there, sqlite3.connect(tmp_path / "register.sqlite3") as here:
        there.backup(here)
    return tmp_path


@pytest.mark.slow
def test_a_migration_that_is_killed_leaves_every_guard_in_place(folder):
    before = triggers(folder)

    assert migrate(folder, "kill") == -signal.SIGKILL
    assert triggers(folder) == before
    assert len(before) > 60


@pytest.mark.slow
def test_a_migration_that_alters_a_guarded_table_leaves_every_guard_in_place(folder):
    before = triggers(folder)

    assert migrate(folder, "alter") == 0
    assert triggers(folder) == before
    with sqlite3.connect(folder / "register.sqlite3") as database:
        (made,) = database.execute("SELECT sql FROM sqlite_master WHERE name = 'audit_event'").fetchone()
    assert "varchar(260)" in made


@pytest.mark.slow
def test_a_migration_with_nothing_to_do_touches_no_guard(folder):
    with sqlite3.connect(folder / "register.sqlite3") as database:
        (version,) = database.execute("PRAGMA schema_version").fetchone()

    assert migrate(folder, "nothing") == 0
    with sqlite3.connect(folder / "register.sqlite3") as database:
        assert database.execute("PRAGMA schema_version").fetchone() == (version,)
