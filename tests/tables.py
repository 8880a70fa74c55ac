"""Tables of data in tests: one test a table, which tries every row and lists those that fail."""

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import pytest

Test = TypeVar("Test", bound=Callable[..., None])


def for_each(
    names: str | Sequence[str], rows: Iterable[Any], *, ids: Callable[[Any], object] = lambda row: row
) -> Callable[[Test], Test]:
    """Let one test try every row: it goes on after a row that fails, and says of each that failed which one it is.

    `names` are the test's parameters that a row fills; `ids` gives what a row is called, by default the row itself. The
    test's fixtures are made once, for all rows: what a row leaves behind, the next one finds.
    """
    wanted = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    table = [(str(ids(row))[:100], (row,) if len(wanted) == 1 else tuple(row)) for row in rows]
    assert table, f"there is no row of {names}"

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def whole(*args: Any, subtests: pytest.Subtests, **fixtures: Any) -> None:
            for name, row in table:
                with subtests.test(msg=name):
                    test(*args, **fixtures, **dict(zip(wanted, row, strict=True)))

        asked = inspect.signature(test)
        kept = [parameter for name, parameter in asked.parameters.items() if name not in wanted]
        table_of = inspect.Parameter("subtests", inspect.Parameter.KEYWORD_ONLY)
        whole.__signature__ = asked.replace(parameters=[*kept, table_of])  # type: ignore[attr-defined]
        return whole  # type: ignore[return-value]

    return decorate
