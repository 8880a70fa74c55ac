"""Lifts the append-only triggers while a transactional test's rows are removed, whichever tables have them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Take the triggers of all tables away for the block, and put the same ones back after it."""
    lift, restore = (_sqlite if connection.vendor == "sqlite" else _postgres)(connection)
    _run(connection, lift)
    try:
        yield
    finally:
        _run(connection, restore)


def _sqlite(connection: BaseDatabaseWrapper) -> tuple[list[str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        found = cursor.fetchall()
    drop = [f'DROP TRIGGER IF EXISTS "{name}"' for name, _ in found]
    # A flush ends with post_migrate, which has put the triggers back already.
    return drop, [*drop, *(sql for _, sql in found)]


def _postgres(connection: BaseDatabaseWrapper) -> tuple[list[str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal")
        found = [(table, name, enabled) for table, name, enabled in cursor.fetchall() if enabled in {"A", "O"}]
    lift = [f'ALTER TABLE {table} DISABLE TRIGGER "{name}"' for table, name, _ in found]
    words = {"A": "ENABLE ALWAYS", "O": "ENABLE"}
    return lift, [f'ALTER TABLE {table} {words[enabled]} TRIGGER "{name}"' for table, name, enabled in found]


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
