"""Lifts triggers, while a transactional test's rows are removed or a test puts a row where no step can."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model


@contextmanager
def lifted(connection: BaseDatabaseWrapper, *models: type[Model]) -> Iterator[None]:
    """Take the triggers of all tables, or of the models' own, away for the block; put the same ones back after it."""
    tables = {model._meta.db_table for model in models}
    lift, restore = (_sqlite if connection.vendor == "sqlite" else _postgres)(connection, tables)
    _run(connection, lift)
    try:
        yield
    finally:
        _run(connection, restore)


def _sqlite(connection: BaseDatabaseWrapper, tables: set[str]) -> tuple[list[str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger'")
        found = [(name, sql) for table, name, sql in cursor.fetchall() if table in tables or not tables]
    drop = [f'DROP TRIGGER IF EXISTS "{name}"' for name, _ in found]
    # A flush ends with post_migrate, which has put the triggers back already. After a change of the schema every
    # rollback to a savepoint would have it parsed anew, two milliseconds each; this ends the change: it is as it was.
    return drop, [*drop, *(sql for _, sql in found), "PRAGMA writable_schema = RESET"]


def _postgres(connection: BaseDatabaseWrapper, tables: set[str]) -> tuple[list[str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal")
        rows = [(table, name, enabled) for table, name, enabled in cursor.fetchall() if table in tables or not tables]
    found = [(table, name, enabled) for table, name, enabled in rows if enabled in {"A", "O"}]
    lift = [f'ALTER TABLE {table} DISABLE TRIGGER "{name}"' for table, name, _ in found]
    words = {"A": "ENABLE ALWAYS", "O": "ENABLE"}
    return lift, [f'ALTER TABLE {table} {words[enabled]} TRIGGER "{name}"' for table, name, enabled in found]


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    if connection.in_atomic_block and not connection.needs_rollback:
        # PostgreSQL alters no table that waits for a deferred check.
        connection.check_constraints()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
