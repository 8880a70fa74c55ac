"""Compiled queries: put into SQL by Django once, and asked again and again with other values.

Of a query that finds a few rows by an index, the making of its SQL takes several times as long as all else does: of an
advisory that changed, seven such queries took nine tenths of the processor time.
"""

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import CharField, Field, Lookup, QuerySet, UUIDField
from django.db.transaction import TransactionManagementError

Sql = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Given:
    """Stands in a compiled query for the values that it is given by this name: `name__among=Given("names")`."""

    name: str


class _Place(NamedTuple):
    """Where among its parameters a compiled query has values of a field that it is given by a name."""

    name: str
    field: "Field[Any, Any]"


@CharField.register_lookup
@UUIDField.register_lookup
class Among(Lookup):
    """`name__among=values`: the column is one of them, which are one parameter, however many they are."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sqlite(self, compiler: Any, connection: Any) -> Sql:
        """Return the condition."""
        column, params = self.process_lhs(compiler, connection)
        values = "(SELECT value FROM json_each(%s))"
        return f"{column} IN {values}", (*params, self._values(connection))

    def as_postgresql(self, compiler: Any, connection: Any) -> Sql:
        """Return the condition."""
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*params, self._values(connection))

    def _values(self, connection: Any) -> Any:
        field = self.lhs.output_field
        return _Place(self.rhs.name, field) if isinstance(self.rhs, Given) else _as_one(self.rhs, field, connection)


class CompiledQuery:
    """A query whose SQL is made once for a connection, e.g. `CompiledQuery(lambda: Hit.objects.values_list("pk"))`."""

    def __init__(self, rows: Callable[[], "QuerySet[Any, Any]"]) -> None:
        self._rows = rows
        self._compiled: WeakKeyDictionary[Any, tuple[Any, Sql]] = WeakKeyDictionary()

    def ask(self, **given: Collection[Any]) -> Iterator[tuple[Any, ...]]:
        """Return the rows as tuples. Raises TransactionManagementError where it is to hold them, and nothing would."""
        connection: Any = connections[DEFAULT_DB_ALIAS]
        if connection not in self._compiled:
            compiler = self._rows().query.get_compiler(connection=connection)
            self._compiled[connection] = compiler, compiler.as_sql()
        compiler, (sql, params) = self._compiled[connection]
        if compiler.query.select_for_update and not connection.in_atomic_block:
            raise TransactionManagementError("Rows are held within a transaction only.")
        values = [_as_one(given[one.name], one.field, connection) if isinstance(one, _Place) else one for one in params]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            rows = cursor.fetchall()
        return iter(compiler.results_iter([rows], tuple_expected=True))


def _as_one(values: Collection[Any], field: "Field[Any, Any]", connection: Any) -> Any:
    """Return values as one parameter: an array for PostgreSQL, a JSON text for SQLite."""
    each = [field.get_db_prep_value(one, connection) for one in values]
    return each if connection.vendor == "postgresql" else json.dumps(each)
