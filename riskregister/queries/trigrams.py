"""Search by words that is quick on PostgreSQL: trigram indexes over what the lookup `holds` compares.

They are put in place after every migration, as far as the database lets us: the extension pg_trgm ships with PostgreSQL
but is a package of its own in places, and who may create it differs. Without them a search finds the same, more slowly.
"""

import logging
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseError

from riskregister import nouns
from riskregister.queries import searching

log = logging.getLogger("riskregister.queries.trigrams")
_columns: list[tuple[str, str]] = []


def index(table: str, *columns: str) -> None:
    """Declare that people search these text columns for parts of words; an app does so when it is ready."""
    _columns.extend(one for one in ((table, column) for column in columns) if one not in _columns)


def index_words() -> None:
    """Declare the columns of their own that people search nouns by, as the cards say."""
    for noun in nouns.cards():
        columns = {one.name: str(one.column) for one in noun.model._meta.concrete_fields}
        index(noun.model._meta.db_table, *(columns[word] for word in noun.words if word in columns))


def names() -> dict[str, tuple[str, str]]:
    """Return table and column by the name of their index."""
    return {f"{table}_{column}_words": (table, column) for table, column in _columns}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put in place every declared index that is not; does nothing on SQLite."""
    if connection.vendor != "postgresql" or not _has_extension(connection):
        return
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        kept = _kept(cursor)
        for name, (table, column) in names().items():
            if table not in tables:
                continue
            compared = searching.in_sql(column, connection)
            if compared.rpartition(" ")[2].strip(")") not in kept.get(name, ""):
                cursor.execute(f"DROP INDEX IF EXISTS {name}")
                cursor.execute(f"CREATE INDEX {name} ON {table} USING gin ({compared} gin_trgm_ops)")


def _kept(cursor: Any) -> dict[str, str]:
    """Return how the indexes are defined that are in place: an older PostgreSQL compared by another collation."""
    cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()")
    return dict(cursor.fetchall())


def after_migration(using: str, **kwargs: Any) -> None:
    """Put the indexes in place after migrations ran (signal receiver)."""
    install(connections[using])


def _has_extension(connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT installed_version FROM pg_available_extensions WHERE name = 'pg_trgm'")
        found = cursor.fetchone()
        if found and found[0]:
            return True
        try:
            with transaction.atomic(using=connection.alias):
                cursor.execute("CREATE EXTENSION pg_trgm")
        except DatabaseError as error:
            log.warning(
                "searching is slower than it could be: %s To mend it, let a superuser run CREATE EXTENSION pg_trgm in "
                "this database, then run manage.py migrate again.", str(error).strip().splitlines()[0],
            )  # fmt: skip
            return False
    return True
