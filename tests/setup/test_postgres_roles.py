"""The shipped roles on a real PostgreSQL: the owner migrates, and the product works as one that can less."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from riskregister import env
from riskregister import variables as declared
from tests import machines

pytestmark = pytest.mark.slow
SCRIPT = env.BASE_DIR / "script" / "postgres_roles.sql"


def _ran(command: list[str], **variables: str) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in declared.VARIABLES}
    done = subprocess.run(command, cwd=env.BASE_DIR, env=kept | variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def _make_roles(url: str, passwords: dict[str, str]) -> None:
    said = [word for name, one in passwords.items() for word in ("-v", f"{name}_password='{one}'")]
    _ran([str(machines.psql()), url, *said, "-v", "database=register", "-q", "-f", str(SCRIPT)])


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Return what became of an installation whose roles the script has made, twice over."""
    folder = tmp_path_factory.mktemp("roles")
    passwords = {"owner": secrets.token_hex(8), "application": secrets.token_hex(8)}
    with machines.postgres(superuser="postgres") as database:
        with psycopg.connect(database.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE register")
        where = urlsplit(database.url)
        superuser = database.url.rpartition("/")[0] + "/register"
        _make_roles(superuser, passwords)
        urls = {
            name: f"postgres://{role}:{passwords[name]}@{where.hostname}:{where.port}/register"
            for name, role in (("owner", "register_owner"), ("application", "register"))
        }
        variables = {
            "RISKREGISTER_DATA_DIR": str(folder), "SECRET_KEY": secrets.token_hex(32),
            "DJANGO_SETTINGS_MODULE": "riskregister.settings", "RISKREGISTER_LOG_LEVEL": "ERROR",
        }  # fmt: skip
        _ran([sys.executable, "manage.py", "migrate", "--no-input"], DATABASE_URL=urls["owner"], **variables)
        # What was made since the first run is granted by the default rights, and by the second run alike.
        _make_roles(superuser, passwords)
        _ran(
            [sys.executable, "-m", "tests.setup.as_application", str(folder / "taken.json")],
            DATABASE_URL=urls["application"], **variables,
        )  # fmt: skip
        yield json.loads(Path(folder / "taken.json").read_text())


def test_the_product_works_as_the_application(taken):
    assert taken["role"] == "register"
    assert taken["sealed"] > taken["events"] > 50
    assert (taken["ready"], taken["missing_guards"]) == (200, [])
    assert taken["problems"] == []


def test_what_only_the_owner_may_do_and_what_nobody_may_is_refused(taken):
    assert taken["through"] == []
    assert taken["tried"] > 50
    assert taken["problems_after"] == 0
