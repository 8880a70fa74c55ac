"""Puts the declared guards in place as triggers of the database, and says which are not as they were declared.

They are put in place after every migration, not by one: SQLite rebuilds a table that a migration alters and loses its
triggers with it, and refuses to rename a table that another one's trigger names. So on SQLite each migration takes them
aside and puts them back within its own transaction; PostgreSQL alters tables under them.
"""

from collections.abc import Iterable
from typing import Any, cast

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.schema import DatabaseSchemaEditor

from riskregister import guards
from riskregister.guards import Guard, PostgresTrigger

_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
_POSTGRES = """
SELECT t.tgname, c.relname, t.tgtype, t.tgenabled = 'A', p.prosrc, p.proname = t.tgname AND l.lanname = 'plpgsql'
    AND t.tgqual IS NULL AND t.tgattr::text = '' AND t.tgnargs = 0
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_language l ON l.oid = p.prolang
WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)
"""


def install(connection: BaseDatabaseWrapper) -> None:
    """Put in place, in one transaction, every declared guard whose table exists and that is not as it was declared."""
    tables = set(connection.introspection.table_names())
    wanted = [one for one in guards.every() if one.table in tables]
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for statement in _sqlite_amiss(connection, wanted) if _is_sqlite(connection) else ():
            cursor.execute(statement)
        for trigger in () if _is_sqlite(connection) else _postgres_amiss(connection, wanted):
            cursor.execute(trigger.statement)


def amiss(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the triggers that are not there, not switched on, or not what was declared."""
    if not _is_sqlite(connection):
        return [one.name for one in _postgres_amiss(connection, guards.every())]
    found = _sqlite_triggers(connection)
    wanted = {name: text for one in guards.every() for name, text in one.sqlite().items()}
    return [name for name, text in wanted.items() if found.get(name) != text]


def before_migration(using: str, plan: list[Any], **kwargs: Any) -> None:
    """Let each migration of a plan that is not empty take the guards aside, where the engine needs it (receiver)."""
    if plan and _is_sqlite(connections[using]):
        connections[using].SchemaEditorClass = GuardsAside


def after_migration(using: str, **kwargs: Any) -> None:
    """Put the guards in place after migrations ran (signal receiver)."""
    connections[using].__dict__.pop("SchemaEditorClass", None)
    install(connections[using])


class GuardsAside(DatabaseSchemaEditor):
    """Takes all triggers away for one migration and puts the same ones back, in the transaction of the migration.

    Whoever is killed in between leaves the database as it was before.
    """

    def __enter__(self) -> "GuardsAside":
        """Begin the transaction, and take the triggers away."""
        super().__enter__()
        self.aside = self._triggers() if self.atomic_migration else []
        for name, _table, _sql in self.aside:
            self.execute(f"DROP TRIGGER {name}", params=None)
        return self

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        """Put back the triggers of the tables that are still there; end the transaction."""
        if exc_type is None:
            with self.connection.cursor() as cursor:
                tables = set(self.connection.introspection.table_names(cursor))
            for _name, table, sql in self.aside:
                if table in tables:
                    self.execute(sql, params=None)
        super().__exit__(exc_type, exc_value, traceback)

    def _triggers(self) -> list[tuple[str, str, str]]:
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
            return cast(list[tuple[str, str, str]], cursor.fetchall())


def _is_sqlite(connection: BaseDatabaseWrapper) -> bool:
    return connection.vendor == "sqlite"


def _sqlite_triggers(connection: BaseDatabaseWrapper) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(_SQLITE)
        return dict(cursor.fetchall())


def _sqlite_amiss(connection: BaseDatabaseWrapper, wanted: Iterable[Guard]) -> list[str]:
    """Return the statements that put right what is not as it was declared."""
    found = _sqlite_triggers(connection)
    statements = []
    for one in wanted:
        for name, text in one.sqlite().items():
            if found.get(name) != text:
                statements += [f"DROP TRIGGER {name}"] if name in found else []
                statements.append(text)
    return statements


def _postgres_amiss(connection: BaseDatabaseWrapper, wanted: Iterable[Guard]) -> list[PostgresTrigger]:
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRES)
        found = {row[0]: tuple(row[1:]) for row in cursor.fetchall()}
    triggers = [trigger for one in wanted for trigger in one.postgres()]
    return [one for one in triggers if found.get(one.name) != (one.table, one.kind, True, one.source, True)]
