"""Truths about assessments that span two tables, guarded by triggers on SQLite and PostgreSQL alike."""

from typing import Any

from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper

# Name, table, event, when it is refused (SQL over NEW/OLD), and the sentence that the caller reads.
_EDITED = "EXISTS (SELECT 1 FROM assessments_editor e WHERE e.assessment_id = {assessment} AND e.user_id = {user})"
_FROZEN = (
    "EXISTS (SELECT 1 FROM assessments_assessment a"
    " WHERE a.id = {assessment} AND a.status IN ('final', 'superseded', 'cancelled'))"
)
# The demo organisation is the one thing that can be removed; what is not demo from birth never becomes it.
DEMO_ASSESSMENT = (
    "EXISTS (SELECT 1 FROM assessments_assessment a JOIN vendors_server s ON s.id = a.server_id"
    " WHERE a.id = OLD.assessment_id AND s.is_demo)"
)
DEMO_SERVER = "EXISTS (SELECT 1 FROM vendors_server s WHERE s.id = OLD.server_id AND s.is_demo)"
GUARDS = (
    (
        "whoever_finalises_edited_nothing",
        "assessments_assessment",
        "UPDATE",
        "NEW.finalised_by_id IS NOT NULL AND " + _EDITED.format(assessment="NEW.id", user="NEW.finalised_by_id"),
    ),
    (
        "whoever_decides_edited_nothing",
        "assessments_approval",
        "INSERT",
        _EDITED.format(assessment="NEW.assessment_id", user="NEW.decided_by_id")
        + " OR EXISTS (SELECT 1 FROM assessments_assessment a"
        " WHERE a.id = NEW.assessment_id AND a.submitted_by_id = NEW.decided_by_id)",
    ),
    (
        "a_final_assessment_is_frozen",
        "assessments_assessment",
        "UPDATE",
        "OLD.status IN ('final', 'superseded', 'cancelled') AND (NEW.release_id <> OLD.release_id"
        " OR NEW.manifest_digest <> OLD.manifest_digest OR NEW.question_set_id <> OLD.question_set_id"
        " OR NEW.methodology_id <> OLD.methodology_id OR NEW.submitted_by_id <> OLD.submitted_by_id"
        " OR NEW.finalised_by_id <> OLD.finalised_by_id OR NEW.finalised_by_id IS NULL AND OLD.status <> 'cancelled'"
        " OR NEW.status NOT IN ('final', 'superseded', 'cancelled'))",
    ),
    (
        "answers_of_a_final_assessment_are_frozen",
        "assessments_answer",
        "UPDATE",
        _FROZEN.format(assessment="OLD.assessment_id"),
    ),
    (
        "no_answer_joins_a_final_assessment",
        "assessments_answer",
        "INSERT",
        _FROZEN.format(assessment="NEW.assessment_id"),
    ),
    (
        "no_answer_leaves_a_final_assessment",
        "assessments_answer",
        "DELETE",
        _FROZEN.format(assessment="OLD.assessment_id") + f" AND NOT {DEMO_ASSESSMENT}",
    ),
    ("a_server_does_not_become_demo", "vendors_server", "UPDATE", "NEW.is_demo AND NOT OLD.is_demo"),
)


def install(connection: BaseDatabaseWrapper) -> None:
    """Add the triggers."""
    with connection.cursor() as cursor:
        for name, table, event, refused in GUARDS:
            for statement in _statements(connection.vendor, name, table, event, refused):
                cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away; only migrations backwards and the removal of the demo do that."""
    with connection.cursor() as cursor:
        for name, table, _event, _refused in GUARDS:
            on = "" if connection.vendor == "sqlite" else f" ON {table}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def operation() -> migrations.RunPython:
    """Return the migration operation that adds the triggers."""

    def forwards(apps: Any, schema_editor: Any) -> None:
        install(schema_editor.connection)

    def backwards(apps: Any, schema_editor: Any) -> None:
        remove(schema_editor.connection)

    return migrations.RunPython(forwards, backwards)


def _statements(vendor: str, name: str, table: str, event: str, refused: str) -> list[str]:
    if vendor == "sqlite":
        body = f"SELECT RAISE(ABORT, '{name}') WHERE {refused};"
        return [f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN {body} END"]
    result = "OLD" if event == "DELETE" else "NEW"
    function = (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF {refused} THEN RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation'; END IF;"
        f" RETURN {result}; END $$"
    )
    return [function, f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"]
