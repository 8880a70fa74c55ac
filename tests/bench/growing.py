"""Multiplies a filled register inside PostgreSQL: tens of thousands of rows a second, for the curve of how it grows.

Every copy of a row refers to the copies of what the row refers to: the key of a copy is that of the row with one other
digit, so that no table of keys is needed, and what sorts by the key stays together as in a register that grew.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import AutoField, CharField, DateTimeField, Field, Model, UUIDField

from riskregister.queries import trigrams
from tests.bench import filling

# What an organisation has more of when it grows; units and people stay.
GROWING = ("vendors", "evidence", "assessments", "findings", "decisions", "exits", "audit", "alerts")
# Keys without a foreign key, and texts that are unique.
_REFERRING = {"object_id", "concerns_id", "correlation_id"}
# A digit of a key that is the same in all (version and variant, RFC 9562), and what a copy has there instead.
_DIGITS = ((15, "012345689"), (20, "01234567c"))
_CALLED = {"vendors_server.name", "vendors_server.title", "vendors_vendor.name"}


def multiply(times: int, *, digit: int) -> None:
    """Let there be up to ten times as many rows; `digit` (0, then 1) differs from call to call: it makes the keys."""
    with connection.cursor() as cursor:
        # In a transaction whatever waits to be checked must be, before an index goes.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # Neither foreign keys nor the guards of append-only tables are asked: all copies are as true as their rows.
        cursor.execute("SET session_replication_role = replica")
        dropped = _without_words(cursor)
        for model in _models():
            cursor.execute(_copy(model, digit), {"times": times - 1})
        cursor.execute("SET session_replication_role = DEFAULT")
    if dropped:
        trigrams.install(connection)
    filling.take_numbers()


def settle() -> None:
    """Do what autovacuum does within minutes on an installation that grew to this size."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _models() -> list[type[Model]]:
    models = [model for room in GROWING for model in apps.get_app_config(room).get_models()]
    return [model for model in models if model._default_manager.exists()]


def _without_words(cursor: Any) -> bool:
    """Drop the indexes for words, which take longer to add to than to make; return whether there are any."""
    names = list(trigrams.names())
    for name in names:
        cursor.execute(f"DROP INDEX IF EXISTS {name}")
    return bool(names)


def _copy(model: type[Model], digit: int) -> str:
    pairs = list(_columns(model, digit))
    table = model._meta.db_table
    into, values = ", ".join(f'"{name}"' for name, _ in pairs), ", ".join(value for _, value in pairs)
    count = f"(SELECT MAX(number) FROM {table})" if any(name == "number" for name, _ in pairs) else "0"
    return (
        f"INSERT INTO {table} ({into}) SELECT {values} "
        f"FROM {table} AS old, generate_series(1, %(times)s) AS copy, (SELECT {count} AS last) AS numbers"
    )


def _columns(model: type[Model], digit: int) -> Iterator[tuple[str, str]]:
    """Yield the columns of a copy, and what each is made of."""
    for field in model._meta.concrete_fields:
        if isinstance(field, AutoField):
            continue
        yield str(field.column), _value(model, field, f'old."{field.column}"', digit)


def _value(model: type[Model], field: "Field[Any, Any]", old: str, digit: int) -> str:
    near = field.remote_field.model if field.remote_field else None
    grows = near in _models() if near else field.primary_key or field.name in _REFERRING
    if isinstance(field.target_field if near else field, UUIDField) and grows:  # type: ignore[attr-defined]
        place, digits = _DIGITS[digit]
        return f"overlay({old}::text placing substr('{digits}', copy, 1) from {place})::uuid"
    if field.name == "number":
        return f"{old} + copy * numbers.last"
    if isinstance(field, DateTimeField):
        # Copies do not lie side by side: their rows are alike, and a list would meet many or none of a kind.
        return f"{old} - copy * interval '{(29, 3)[digit]} days 5 hours 61 seconds'"
    if isinstance(field, CharField) and f"{model._meta.db_table}.{field.column}" in _CALLED:
        return f"{old} || ' {'ab'[digit]}' || copy"
    return old
