"""The values that a column has, found by going from one to the next in an index instead of reading every row."""

from typing import Any, cast

from django.db import connection
from django.db.models import Field, Model


def values(model: type[Model], field: str) -> list[Any]:
    """Return the values of a column that has no NULL, in the order of its index, which begins with it."""
    quote = connection.ops.quote_name
    column, table = quote(cast("Field[Any, Any]", model._meta.get_field(field)).attname), quote(model._meta.db_table)
    # As many looks into the index as there are values.
    following = f"SELECT MIN({column}) FROM {table} WHERE {column} > found.value"  # noqa: S608 - names of the model
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE found(value) AS (SELECT MIN({column}) FROM {table} UNION ALL "  # noqa: S608
            f"SELECT ({following}) FROM found WHERE found.value IS NOT NULL) "
            "SELECT value FROM found WHERE value IS NOT NULL"
        )
        return [row[0] for row in cursor.fetchall()]
