"""What the database makes of the rows of a group, beside what Django has for every engine."""

from typing import Any

from django.db.models import Aggregate, TextField, Value
from django.db.models.functions import Cast


class Joined(Aggregate):
    """The values of a group in one text, a comma between two of them: a thousand numbers are one value to carry."""

    function = "STRING_AGG"
    output_field = TextField()

    def __init__(self, column: Any, **how: Any) -> None:
        """Name the column, or what is made of several, and with `filter` which rows of the group count."""
        super().__init__(Cast(column, TextField()), Value(","), **how)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """Return the same as SQLite calls it."""
        return self.as_sql(compiler, connection, function="GROUP_CONCAT", **extra)
