"""Database triggers that make a table append-only, on SQLite and PostgreSQL alike."""

from collections.abc import Callable
from typing import Any

from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper

# SQLite's third trigger stops INSERT OR REPLACE, which deletes the old row without firing the DELETE trigger.
_SQLITE = (
    "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}"
    " BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT ({unless})"
    " BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    "CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
    " WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"
    " BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
)
_SQLITE_REMOVE = (
    "DROP TRIGGER IF EXISTS {table}_no_update",
    "DROP TRIGGER IF EXISTS {table}_no_delete",
    "DROP TRIGGER IF EXISTS {table}_no_replace",
)
# ENABLE ALWAYS holds under session_replication_role = replica too.
_POSTGRES = (
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$",
    "CREATE OR REPLACE FUNCTION {table}_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN IF {unless} THEN RETURN OLD; END IF;"
    " RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$",
    "CREATE TRIGGER {table}_no_change BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_refuse_delete()",
    "CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change",
    "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_delete",
    "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate",
)
_POSTGRES_REMOVE = (
    "DROP TRIGGER IF EXISTS {table}_no_change ON {table}",
    "DROP TRIGGER IF EXISTS {table}_no_delete ON {table}",
    "DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}",
)


def install(connection: BaseDatabaseWrapper, table: str, *, key: str = "id", unless: str = "1 = 0") -> None:
    """Refuse UPDATE, DELETE, TRUNCATE and replacement on the table from now on.

    `unless` is a condition over the row OLD under which a DELETE is let through; it never excuses an UPDATE.
    """
    _run(connection, _SQLITE if connection.vendor == "sqlite" else _POSTGRES, table, key=key, unless=unless)


def remove(connection: BaseDatabaseWrapper, table: str) -> None:
    """Take the triggers of a table away; only migrations backwards and the tests' clean-up do that."""
    _run(connection, _SQLITE_REMOVE if connection.vendor == "sqlite" else _POSTGRES_REMOVE, table, key="", unless="")


def append_only(table: str, *, key: str = "id", unless: str = "1 = 0") -> migrations.RunPython:
    """Return the migration operation that makes a table append-only; see `install` for `unless`."""
    return migrations.RunPython(
        _operation(lambda connection: install(connection, table, key=key, unless=unless)),
        _operation(lambda connection: remove(connection, table)),
    )


def _operation(act: Callable[[BaseDatabaseWrapper], None]) -> Callable[[Any, Any], None]:
    return lambda apps, schema_editor: act(schema_editor.connection)


def _run(connection: BaseDatabaseWrapper, statements: tuple[str, ...], table: str, *, key: str, unless: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.replace("{table}", table).replace("{key}", key).replace("{unless}", unless))
