"""Compiled queries: put into SQL by Django once, and asked again and again with other values.

Of a query that finds a few rows by an index, the making of its SQL takes several times as long as all else does: of an
advisory that changed, seven such queries took nine tenths of the processor time.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import CharField, Field, Lookup, QuerySet, UUIDField
from django.db.models.sql import UpdateQuery
from django.db.transaction import TransactionManagementError

Sql = tuple[str, tuple[Any, ...]]
T = TypeVar("T")
# On the connection itself: kept beside it, what is compiled for a connection would keep it from ever going.
_KEPT = "compiled_queries"


@dataclass(frozen=True, slots=True)
class Given:
    """Stands in a compiled query for what it is given by this name: `name__among=Given("names")`."""

    name: str


class _Place(NamedTuple):
    """Where among its parameters a compiled query has what it is given by a name: one value of a field, or several."""

    name: str
    field: "Field[Any, Any]"
    is_one: bool = False

    def value(self, given: Mapping[str, Any], connection: Any) -> Any:
        """Return what is given as the parameter."""
        found = given[self.name]
        return self.field.get_db_prep_save(found, connection) if self.is_one else _as_one(found, self.field, connection)


@dataclass(frozen=True, slots=True)
class _GivenTo:
    """Stands in a compiled update for the value of a field."""

    name: str
    field: "Field[Any, Any]"

    def as_sql(self, compiler: Any, connection: Any) -> Sql:
        return "%s", (_Place(self.name, self.field, is_one=True),)


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


class _Compiled:
    """What is put into SQL once for a connection."""

    def __init__(self, rows: Callable[[], "QuerySet[Any, Any]"]) -> None:
        self._rows = rows

    def _query(self) -> Any:
        return self._rows().query

    def _execute(self, connection: Any, given: Mapping[str, Any], do: Callable[[Any], T]) -> tuple[Any, T]:
        """Return the compiler, and what `do` makes of the cursor."""
        kept = connection.__dict__.setdefault(_KEPT, {})
        if self not in kept:
            compiler = self._query().get_compiler(connection=connection)
            kept[self] = compiler, compiler.as_sql()
        compiler, (sql, params) = kept[self]
        if compiler.query.select_for_update and not connection.in_atomic_block:
            raise TransactionManagementError("Rows are held within a transaction only.")
        values = [one.value(given, connection) if isinstance(one, _Place) else one for one in params]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return compiler, do(cursor)


class CompiledQuery(_Compiled):
    """A query whose SQL is made once for a connection, e.g. `CompiledQuery(lambda: Hit.objects.values_list("pk"))`."""

    def ask(self, **given: Collection[Any]) -> Iterator[tuple[Any, ...]]:
        """Return the rows as tuples. Raises TransactionManagementError where it is to hold them, and nothing would."""
        compiler, rows = self._execute(connections[DEFAULT_DB_ALIAS], given, lambda cursor: cursor.fetchall())
        return iter(compiler.results_iter([rows], tuple_expected=True))


class CompiledUpdate(_Compiled):
    """An update of these rows with these values, of which any can be `Given`."""

    def __init__(self, rows: Callable[[], "QuerySet[Any, Any]"], **values: Any) -> None:
        super().__init__(rows)
        self._values = values

    def _query(self) -> Any:
        query: Any = self._rows().query.chain(UpdateQuery)
        query.add_update_values(
            {
                name: _GivenTo(one.name, query.get_meta().get_field(name)) if isinstance(one, Given) else one
                for name, one in self._values.items()
            }
        )
        return query

    def do(self, **given: Any) -> int:
        """Return how many rows were updated."""
        return self._execute(connections[DEFAULT_DB_ALIAS], given, lambda cursor: int(cursor.rowcount))[1]


def _as_one(values: Collection[Any], field: "Field[Any, Any]", connection: Any) -> Any:
    """Return values as one parameter: an array for PostgreSQL, a JSON text for SQLite."""
    each = [field.get_db_prep_value(one, connection) for one in values]
    return each if connection.vendor == "postgresql" else json.dumps(each)
