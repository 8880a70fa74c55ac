"""Truths that the database itself guards: append-only tables, and rules that span tables.

Guards are declared by the apps and put in place after every migration, not by one: SQLite rebuilds a table that a
migration alters and loses its triggers with it, and refuses to rename a table that another one's trigger names.
"""

from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

# SQLite's third trigger stops INSERT OR REPLACE, which deletes the old row without firing the DELETE trigger.
_SQLITE_APPEND_ONLY = (
    ("no_update", "BEFORE UPDATE ON {table}", ""),
    ("no_delete", "BEFORE DELETE ON {table}", "WHEN NOT ({unless})"),
    ("no_replace", "BEFORE INSERT ON {table}", "WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"),
)


@dataclass(frozen=True, slots=True)
class AppendOnly:
    """Nobody changes, removes, truncates or replaces a row of `table`.

    `unless` is a condition over OLD under which a DELETE is let through; it never excuses an UPDATE.
    """

    table: str
    key: str = "id"
    unless: str = "1 = 0"

    def sqlite(self) -> dict[str, str]:
        """Return the statements that make the triggers, by trigger name."""
        body = f"BEGIN SELECT RAISE(ABORT, '{self.table} is append-only'); END"
        words = {"table": self.table, "key": self.key, "unless": self.unless}
        return {
            f"{self.table}_{name}": f"CREATE TRIGGER {self.table}_{name} {moment} {when} {body}".format(**words)
            for name, moment, when in _SQLITE_APPEND_ONLY
        }

    def postgres(self) -> dict[str, str]:
        """Return the statements that make the triggers, by trigger name; ENABLE ALWAYS holds in replica role too."""
        raised = f"RAISE EXCEPTION '{self.table} is append-only' USING ERRCODE = 'restrict_violation'"
        body = f"IF TG_OP = 'DELETE' THEN IF {self.unless} THEN RETURN OLD; END IF; END IF; {raised};"
        return {
            f"{self.table}_no_change": _postgres(
                self.table, f"{self.table}_no_change", "BEFORE UPDATE OR DELETE", "ROW", body
            ),
            f"{self.table}_no_truncate": _postgres(
                self.table, f"{self.table}_no_truncate", "BEFORE TRUNCATE", "STATEMENT", f"{raised};"
            ),
        }


@dataclass(frozen=True, slots=True)
class Refusal:
    """An `event` (INSERT, UPDATE or DELETE) on `table` is refused while `when`, a condition over NEW and OLD, holds."""

    name: str
    table: str
    event: str
    when: str

    def sqlite(self) -> dict[str, str]:
        """Return the statement that makes the trigger, by its name."""
        body = f"BEGIN SELECT RAISE(ABORT, '{self.name}') WHERE {self.when}; END"
        return {self.name: f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} {body}"}

    def postgres(self) -> dict[str, str]:
        """Return the statement that makes the trigger, by its name."""
        result = "OLD" if self.event == "DELETE" else "NEW"
        raised = f"RAISE EXCEPTION '{self.name}' USING ERRCODE = 'check_violation'"
        body = f"IF {self.when} THEN {raised}; END IF; RETURN {result};"
        return {self.name: _postgres(self.table, self.name, f"BEFORE {self.event}", "ROW", body)}


Guard = AppendOnly | Refusal
_guards: list[Guard] = []


def guard(*guards: Guard) -> None:
    """Declare guards; an app does so when it is ready."""
    _guards.extend(one for one in guards if one not in _guards)


def install(connection: BaseDatabaseWrapper) -> None:
    """Put in place every declared guard whose table exists and that is not in place."""
    present = _present(connection)
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for one in _guards:
            if one.table in tables:
                for name, statement in _statements(one, connection).items():
                    if name not in present:
                        cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take every declared guard away; a migration does so before it alters tables."""
    present = _present(connection)
    with connection.cursor() as cursor:
        for one in _guards:
            for name in _statements(one, connection):
                if name in present:
                    on = "" if connection.vendor == "sqlite" else f" ON {one.table}"
                    cursor.execute(f"DROP TRIGGER {name}{on}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the triggers that should be in place and are not."""
    present = _present(connection)
    return [name for one in _guards for name in _statements(one, connection) if name not in present]


def before_migration(using: str, **kwargs: Any) -> None:
    """Take the guards away before migrations run (signal receiver)."""
    remove(connections[using])


def after_migration(using: str, **kwargs: Any) -> None:
    """Put the guards in place after migrations ran (signal receiver)."""
    install(connections[using])


def _statements(one: Guard, connection: BaseDatabaseWrapper) -> dict[str, str]:
    return one.sqlite() if connection.vendor == "sqlite" else one.postgres()


def _present(connection: BaseDatabaseWrapper) -> set[str]:
    sqlite = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    postgres = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    with connection.cursor() as cursor:
        cursor.execute(sqlite if connection.vendor == "sqlite" else postgres)
        return {row[0] for row in cursor.fetchall()}


def _postgres(table: str, name: str, moment: str, level: str, body: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$;"
        f" CREATE TRIGGER {name} {moment} ON {table} FOR EACH {level} EXECUTE FUNCTION {name}();"
        f" ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
    )
