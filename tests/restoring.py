"""The test database becomes what its template is, after a test that committed rows or changed the schema."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from tests import template


def restore(connection: BaseDatabaseWrapper) -> None:
    """Copy the template again: emptying a hundred tables one by one and publishing the catalogue takes ten times it."""
    (_sqlite if connection.vendor == "sqlite" else _postgres)(connection)


def _sqlite(connection: BaseDatabaseWrapper) -> None:
    copy_sqlite(template.sqlite_file(), connection)


def copy_sqlite(file: Path, connection: BaseDatabaseWrapper) -> None:
    """Let a SQLite database be what a file of this run is."""
    connection.ensure_connection()
    # Nobody writes to the file, so it needs no lock and no journal beside it.
    with closing(sqlite3.connect(f"file:{file}?immutable=1", uri=True)) as kept:
        kept.backup(connection.connection)


def _postgres(connection: BaseDatabaseWrapper) -> None:
    names = {
        "mine": sql.Identifier(connection.settings_dict["NAME"]),
        "template": sql.Identifier(template.postgres_database()),
    }
    connection.close()
    with psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True) as server:
        # By force: a thread of the test may have left its connection open.
        server.execute(sql.SQL("DROP DATABASE {mine} WITH (FORCE)").format(**names))
        server.execute(sql.SQL("CREATE DATABASE {mine} TEMPLATE {template}").format(**names))
