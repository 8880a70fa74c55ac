"""The product's WSGI application, which also says in a header how many SQL statements an answer took.

Only the pass that counts runs it; the times are taken from riskregister.wsgi as it is.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connection

from riskregister.wsgi import application as register


class Counter:
    """Counts the statements of one request."""

    def __init__(self) -> None:
        self.statements = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.statements += 1
        return execute(sql, params, many, context)


def application(environ: Any, start_response: Any) -> Iterable[bytes]:
    """Answer as the register does, with the header X-Statements."""
    counter = Counter()

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, ("X-Statements", str(counter.statements))], *rest)

    with connection.execute_wrapper(counter):
        return register(environ, start)
