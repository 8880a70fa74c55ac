"""The shipped roles on a real PostgreSQL: the owner migrates, the product works as one that can less, and collectors
that run apart as one that can next to nothing.
"""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from monitoring.models import Claim
from riskregister import env
from riskregister import variables as declared
from tests import machines
from tests.collectors import documents, pages
from tests.collectors.pages import Pages
from tests.tables import for_each

pytestmark = pytest.mark.slow
SCRIPTS = env.BASE_DIR / "script"
ROLES = {"owner": "register_owner", "application": "register", "collector": "register_collector"}


@dataclass
class Installation:
    """An installation with the three roles: the address of its database for each, and what its processes have set."""

    folder: Path
    urls: dict[str, str]
    variables: dict[str, str]

    def ran(self, role: str, *command: str, **variables: str) -> None:
        """Run a command of Python with a role of the database."""
        _ran([sys.executable, *command], DATABASE_URL=self.urls[role], **self.variables | variables)

    def tell(self, role: str, *command: str, **variables: str) -> Any:
        """Return what a module of the tests writes into the file that it is given."""
        file = self.folder / "told.json"
        self.ran(role, "-m", *command, str(file), **variables)
        return json.loads(file.read_text())


def _ran(command: list[str], **variables: str) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in declared.VARIABLES}
    done = subprocess.run(command, cwd=env.BASE_DIR, env=kept | variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def _make_roles(url: str, passwords: dict[str, str]) -> None:
    variables = [word for name, one in passwords.items() for word in ("-v", f"{name}_password='{one}'")]
    for name in ("postgres_roles.sql", "postgres_collector.sql"):
        _ran([str(machines.psql()), url, *variables, "-v", "database=register", "-q", "-f", str(SCRIPTS / name)])


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Give an installation whose roles the scripts have made, twice over."""
    folder = tmp_path_factory.mktemp("roles")
    passwords = {name: secrets.token_hex(8) for name in ROLES}
    with machines.postgres(superuser="postgres") as database:
        with psycopg.connect(database.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE register")
        where = urlsplit(database.url)
        superuser = database.url.rpartition("/")[0] + "/register"
        _make_roles(superuser, passwords)
        urls = {
            name: f"postgres://{role}:{passwords[name]}@{where.hostname}:{where.port}/register"
            for name, role in ROLES.items()
        }
        variables = {
            "RISKREGISTER_DATA_DIR": str(folder), "SECRET_KEY": secrets.token_hex(32),
            "DJANGO_SETTINGS_MODULE": "riskregister.settings", "RISKREGISTER_LOG_LEVEL": "ERROR",
        }  # fmt: skip
        made = Installation(folder, urls, variables)
        made.ran("owner", "manage.py", "migrate", "--no-input")
        # What was made since the first run is granted by the default rights, and by the second run alike.
        _make_roles(superuser, passwords)
        yield made


@pytest.fixture(scope="module")
def taken(installed: Installation) -> Any:
    """Return what became of it as the application lived in it, and tried what it must not."""
    return installed.tell("application", "tests.setup.as_application")


@pytest.fixture(scope="module")
def npm() -> Iterator[Pages]:
    """Give a mirror of npm that has the package, deprecated."""
    with pages.running() as served:
        served.put("/@example%2Fweather", documents.npm(deprecated="Use another."))
        yield served


@pytest.fixture(scope="module")
def collected(installed: Installation, taken: Any, npm: Pages) -> Any:
    """Return what came of a look that the register asked for, and a collector in a process of its own took."""
    asking = {"RISKREGISTER_APART": "npm", "RISKREGISTER_NPM_URL": npm.url}
    run = installed.tell("application", "tests.setup.as_register", "ask", **asking)["run"]
    before = len(npm.asked)
    elsewhere = installed.folder / "collector"
    installed.ran(
        "collector", "manage.py", "collect", "--once", "--alive", str(installed.folder / "alive"),
        RISKREGISTER_DATA_DIR=str(elsewhere), SECRET_KEY="", RISKREGISTER_OUTBOUND_ALLOW="127.0.0.0/8",
    )  # fmt: skip
    with psycopg.connect(installed.urls["collector"]) as connection:
        still_open = connection.execute("SELECT run_id FROM monitoring_open_task").fetchall()
    told = installed.tell("application", "tests.setup.as_register", "take", **asking)
    return told | {"run": run, "asked": npm.asked[before:], "open": still_open}


def test_the_product_works_as_the_application(taken):
    assert taken["role"] == "register"
    assert taken["sealed"] > taken["events"] > 50
    assert (taken["ready"], taken["missing_guards"]) == (200, [])
    assert taken["problems"] == []


def test_what_only_the_owner_may_do_and_what_nobody_may_is_refused(taken):
    assert taken["through"] == []
    assert taken["tried"] > 50
    assert taken["problems_after"] == 0


def test_a_look_of_a_collector_apart_ends_as_observations_and_a_finding(collected, installed):
    assert [one for one, _headers in collected["asked"]] == ["GET /@example%2Fweather"]
    assert (collected["status"], collected["why"]) == ("complete", "")
    assert collected["seen"]["offered:npm @example/weather 1.2.3"] == "deprecated: Use another."
    assert collected["findings"] == ["The package is deprecated or withdrawn"]
    assert (collected["open"], collected["tasks"], collected["problems"]) == ([], 0, [])
    assert (installed.folder / "alive").exists()


@pytest.fixture(scope="module")
def as_collector(collected: Any, installed: Installation) -> Iterator["psycopg.Connection[Any]"]:
    """Give a connection of the collector's role, each statement of which stands for itself."""
    with (
        psycopg.connect(installed.urls["owner"]),
        psycopg.connect(installed.urls["collector"], autocommit=True) as connection,
    ):
        yield connection


# What it may: the columns of each table, by right.
MAY = {
    ("monitoring_open_task", "SELECT"): {"run_id", "collector", "asks", "asked_at", "attempt"},
    ("monitoring_claim", "INSERT"): {"id", "task_id", "attempt"},
    ("monitoring_brought", "INSERT"): {"claim_id", "text", "digest"},
}
RIGHTS = ("SELECT", "INSERT", "UPDATE", "REFERENCES")


def test_the_role_has_just_these_rights_on_all_columns_of_all_tables(as_collector):
    rows = as_collector.execute(
        "SELECT c.relname, a.attname, r FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid,"
        " unnest(%s::text[]) r WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p', 'f')"
        " AND a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege(c.oid, a.attnum, r)",
        [list(RIGHTS)],
    ).fetchall()
    found: dict[tuple[str, str], set[str]] = {}
    for table, column, right in rows:
        found.setdefault((table, right), set()).add(column)
    assert found == MAY


# How each is tried at every table; a condition that no row meets: what is refused is refused before any row is read.
TRIED = {
    "SELECT": "SELECT * FROM {table} LIMIT 1",
    "INSERT": "INSERT INTO {table} DEFAULT VALUES",
    "UPDATE": "UPDATE {table} SET {column} = {column} WHERE false",
    "DELETE": "DELETE FROM {table} WHERE false",
    "TRUNCATE": "TRUNCATE {table}",
    "LOCK": "DO $$ BEGIN LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; END $$",
    "TRIGGER": "CREATE TRIGGER more BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_event_no_change()",
    "ALTER": "ALTER TABLE {table} ADD COLUMN more text",
    "DROP": "DROP TABLE {table}",
}


def test_every_table_of_the_database_is_tried_and_refuses(as_collector):
    rows = as_collector.execute(
        "SELECT c.relname, min(a.attname) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'p') GROUP BY 1 ORDER BY 1"
    ).fetchall()
    through = [
        f"{right} {table}"
        for table, column in rows
        for right, statement in TRIED.items()
        if not _is_refused(as_collector, statement.format(table=table, column=column))
    ]
    assert len(rows) > 80
    assert through == ["SELECT monitoring_open_task"]


REFUSED = {
    "passwords of roles": "SELECT rolpassword FROM pg_authid",
    "shadow": "SELECT passwd FROM pg_shadow",
    "sessions": "SELECT * FROM django_session",
    "tokens": "SELECT digest FROM accounts_apitoken",
    "a claim read back": "SELECT id FROM monitoring_claim",
    "what others brought": "SELECT text FROM monitoring_brought",
    "a claim of another moment": "INSERT INTO monitoring_claim (id, task_id, attempt, claimed_at)"
    " VALUES (gen_random_uuid(), gen_random_uuid(), 1, now() - interval '9 days')",
    "a claim that comes back": "INSERT INTO monitoring_claim (id, task_id, attempt)"
    " VALUES (gen_random_uuid(), gen_random_uuid(), 1) RETURNING claimed_at",
    "a claim of no task": "INSERT INTO monitoring_claim (id, task_id, attempt)"
    " VALUES (gen_random_uuid(), gen_random_uuid(), 1)",
    "a claim too many": "INSERT INTO monitoring_claim (id, task_id, attempt)"
    f" VALUES (gen_random_uuid(), gen_random_uuid(), {Claim.MOST + 1})",
    "something brought for no claim": "INSERT INTO monitoring_brought (claim_id, text, digest)"
    " VALUES (gen_random_uuid(), '{}', '')",
    "more than is taken": "INSERT INTO monitoring_brought (claim_id, text, digest)"
    " VALUES (gen_random_uuid(), repeat('x', 16777217), '')",
    "a change of the view": "UPDATE monitoring_open_task SET asks = '{}'",
    "another view": "CREATE VIEW more AS SELECT 1",
    "a table": "CREATE TABLE more (id int)",
    "a table of the session": "CREATE TEMPORARY TABLE more (id int)",
    "a schema": "CREATE SCHEMA more",
    "a function": "CREATE FUNCTION more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a large object": "SELECT lo_create(0)",
    "a large object of bytes": "SELECT lo_from_bytea(0, 'x')",
    "a file of the machine": "SELECT pg_read_file('/etc/passwd')",
    "a folder of the machine": "SELECT pg_ls_dir('/')",
    "a file imported": "SELECT lo_import('/etc/passwd')",
    "a program": "COPY (SELECT 1) TO PROGRAM 'cat'",
    "a file written": "COPY (SELECT 1) TO '/tmp/more'",
    "another role": "CREATE ROLE more",
    "the application": "SET ROLE register",
    "the owner": "SET ROLE register_owner",
    "a superuser": "ALTER ROLE register_collector SUPERUSER",
    "no triggers": "SET session_replication_role = replica",
    "the server's settings": "ALTER SYSTEM SET log_statement = 'none'",
    "others' connections ended": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> current_user",
    "a counter": "SELECT nextval('auditlog_logentry_id_seq')",
    "a trigger's function": "SELECT audit_event_no_change()",
}


@for_each("what", REFUSED)
def test_the_role_of_collectors_cannot(as_collector, what):
    assert _is_refused(as_collector, REFUSED[what])


def test_what_others_do_just_now_is_not_shown(as_collector):
    rows = as_collector.execute("SELECT DISTINCT query FROM pg_stat_activity WHERE usename <> current_user").fetchall()

    assert {text for (text,) in rows} <= {"<insufficient privilege>", ""}


def test_of_two_collectors_one_gets_a_look_and_what_is_brought_twice_is_not_taken(as_collector, installed, npm):
    asking = {"RISKREGISTER_APART": "npm", "RISKREGISTER_NPM_URL": npm.url}
    run = installed.tell("application", "tests.setup.as_register", "ask", **asking)["run"]
    claim = "INSERT INTO monitoring_claim (id, task_id, attempt) VALUES (%s, %s, 1) ON CONFLICT DO NOTHING"
    first, second = secrets.token_hex(16), secrets.token_hex(16)

    assert as_collector.execute("SELECT run_id::text, attempt FROM monitoring_open_task").fetchall() == [(run, 1)]
    assert [as_collector.execute(claim, [key, run]).rowcount for key in (first, second)] == [1, 0]
    assert as_collector.execute("SELECT run_id FROM monitoring_open_task").fetchall() == []
    with psycopg.connect(installed.urls["owner"], autocommit=True) as owner:
        # As ten minutes later: nobody but the owner can set the moment.
        owner.execute("ALTER TABLE monitoring_claim DISABLE TRIGGER monitoring_claim_no_change")
        owner.execute("UPDATE monitoring_claim SET claimed_at = now() - interval '11 minutes'")
    assert as_collector.execute("SELECT run_id::text, attempt FROM monitoring_open_task").fetchall() == [(run, 2)]
    bring = "INSERT INTO monitoring_brought (claim_id, text, digest) VALUES (%s, '{}', '')"
    as_collector.execute(bring, [first])
    assert as_collector.execute("SELECT run_id FROM monitoring_open_task").fetchall() == []
    with pytest.raises(psycopg.errors.UniqueViolation):
        as_collector.execute(bring, [first])


def _is_refused(connection: "psycopg.Connection[Any]", statement: str) -> bool:
    """Return whether it is refused for what it would do: a statement with a fault in it is no trial, and fails here."""
    try:
        connection.execute(statement)
    except _REFUSALS:
        return True
    return False


_REFUSALS = (
    psycopg.errors.InsufficientPrivilege, psycopg.errors.IntegrityError,
    # What is tried at tables, and is a view; what is called, and is no function for callers.
    psycopg.errors.WrongObjectType, psycopg.errors.ObjectNotInPrerequisiteState, psycopg.errors.FeatureNotSupported,
)  # fmt: skip
