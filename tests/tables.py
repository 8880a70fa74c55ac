"""Tables of data in tests: one test a table, which tries every row and lists those that fail."""

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any, TypeVar

import pytest

Test = TypeVar("Test", bound=Callable[..., None])
# A row with its name, which is cut: it is read beside the failure, not instead of the table.
Row = tuple[str, tuple[Any, ...]]
_LONGEST_NAME = 100


def for_each(
    names: str | Sequence[str], rows: Iterable[Any], *, ids: Callable[[Any], object] = lambda row: row
) -> Callable[[Test], Test]:
    """Let one test try every row: it goes on after a row that fails, and says of each that failed which one it is.

    `names` are the test's parameters that a row fills; `ids` gives what a row is called, by default the row itself. Two
    tables above one test make it try every row of one with every row of the other. The test's fixtures are made once,
    for all rows: what a row leaves behind, the next one finds.
    """
    wanted = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    table = [(_sent(str(ids(row))), (row,) if len(wanted) == 1 else tuple(row)) for row in rows]
    assert table, f"there is no row of {names}"

    def decorate(test: Test) -> Test:
        if former := getattr(test, "table", None):
            return _tried(former[0], [*wanted, *former[1]], _crossed(table, former[2]))  # type: ignore[return-value]
        return _tried(test, wanted, table)  # type: ignore[return-value]

    return decorate


def _tried(test: Callable[..., None], names: list[str], table: list[Row]) -> Callable[..., None]:
    @functools.wraps(test)
    def whole(*args: Any, subtests: pytest.Subtests, **fixtures: Any) -> None:
        for name, row in table:
            with subtests.test(msg=name[:_LONGEST_NAME]):
                test(*args, **fixtures, **dict(zip(names, row, strict=True)))

    asked = inspect.signature(test)
    kept = [parameter for name, parameter in asked.parameters.items() if name not in names]
    subtests = inspect.Parameter("subtests", inspect.Parameter.KEYWORD_ONLY)
    whole.__signature__ = asked.replace(parameters=[*kept, subtests])  # type: ignore[attr-defined]
    whole.table = (test, names, table)  # type: ignore[attr-defined]
    return whole


def _sent(name: str) -> str:
    """Return a name as one process can tell it to another: half a character is written out."""
    return name.encode(errors="backslashreplace").decode()


def _crossed(one: list[Row], other: list[Row]) -> list[Row]:
    return [(f"{name}, {further}", (*row, *more)) for (name, row), (further, more) in product(one, other)]
