"""Lives in the register as the application's database role: works in it through its steps, then tries what it must not.

Run by test_postgres_roles.py in a process of its own, whose DATABASE_URL is that role's; prints what became of it.
"""

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import django
from django.db import DatabaseError, connection, transaction
from django.test import Client

django.setup()

from accounts import tokens  # noqa: E402 - models can be imported from here on
from audit.models import Event  # noqa: E402
from decisions.models import Approval, EndNotice  # noqa: E402
from seal import checking, exporting, sealing  # noqa: E402
from tests import cast, forgeries  # noqa: E402
from tests.cast import NOON  # noqa: E402
from tests.reports import scene as reported  # noqa: E402

# What only the owner of the tables may do, or nobody.
OF_THE_OWNER = {
    "truncate": "TRUNCATE audit_event CASCADE",
    "switch a trigger off": "ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_change",
    "switch all triggers off": "ALTER TABLE audit_event DISABLE TRIGGER ALL",
    "drop a trigger": "DROP TRIGGER audit_event_no_change ON audit_event",
    "empty a function": "CREATE OR REPLACE FUNCTION audit_event_no_change() RETURNS trigger LANGUAGE plpgsql"
    " AS $$ BEGIN RETURN COALESCE(NEW, OLD); END $$",
    "pass triggers by": "SET session_replication_role = replica",
    "alter a table": "ALTER TABLE decisions_approval ADD COLUMN more text",
    "drop a table": "DROP TABLE decisions_approval CASCADE",
    "drop a constraint": "ALTER TABLE decisions_approval DROP CONSTRAINT an_approval_has_an_end",
    "make a table": "CREATE TABLE more (id int)",
    "make a function": "CREATE FUNCTION more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "make a trigger": "CREATE TRIGGER more BEFORE UPDATE ON audit_event"
    " FOR EACH ROW EXECUTE FUNCTION audit_event_no_change()",
    "make a role": "CREATE ROLE more SUPERUSER",
    "become the owner": "SET ROLE register_owner",
    "become a superuser": "ALTER ROLE register SUPERUSER",
    "run a program": "COPY audit_event TO PROGRAM 'cat'",
    "set a counter back": "SELECT setval('auditlog_logentry_id_seq', 1)",
}  # fmt: skip


def main() -> None:
    """Work, seal, check, forge; print it as JSON."""
    scene = reported.build()
    reported.issued(scene)
    alice = scene.people.alice
    tokens.issue(alice, name="Nightly", scopes=["read"], lifetime=forgeries.DAY * 9, by=alice, now=NOON)
    remote = {"type": "streamable-http", "url": "https://mcp.example.com/"}
    cast.a_release(scene.people, "search", text=cast.server_json(remotes=[remote]))
    EndNotice.objects.create(approval=Approval.objects.get(), step="30", sent_at=NOON)
    forgeries.decide(scene.base.server, scene.people)
    sealed = sealing.seal(now=NOON)
    exporting.export(now=NOON)
    ready = Client(headers={"host": "localhost"}).get("/readyz")
    taken = {
        "role": _value("SELECT current_user"),
        "sealed": sealed,
        "events": Event.objects.count(),
        "ready": ready.status_code,
        "missing_guards": ready.json()["missing_guards"],
        "problems": [str(one) for one in checking.check().problems],
        "through": [name for name, forge in forgeries.FORGED.items() if not _is_refused(forge)]
        + [name for name, statement in OF_THE_OWNER.items() if not _is_refused(partial(_run, statement))],
        "tried": len(forgeries.FORGED) + len(OF_THE_OWNER),
        "problems_after": checking.check().problem_count,
    }
    Path(sys.argv[1]).write_text(json.dumps(taken))


def _is_refused(change: Callable[[], object]) -> bool:
    try:
        with transaction.atomic():
            change()
            transaction.set_rollback(True)
    except DatabaseError:
        return True
    return False


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _value(question: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return str(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
