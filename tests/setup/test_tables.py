"""A table of data is one test that lists its failures."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.tables import for_each


class Subtests:
    """Stands for pytest's own: keeps which rows failed."""

    def __init__(self) -> None:
        self.tried: list[str] = []
        self.failed: list[str] = []

    @contextmanager
    def test(self, *, msg: str) -> Iterator[None]:
        self.tried.append(msg)
        try:
            yield
        except AssertionError:
            self.failed.append(msg)


@for_each("number, square", [(2, 4), (3, 8), (4, 16), (5, 24)], ids=lambda row: f"row {row[0]}")
def wrong_twice(limit: int, number: int, square: int) -> None:
    assert number**2 == square < limit


def test_every_row_is_tried_and_each_that_fails_is_named():
    subtests = Subtests()

    wrong_twice(limit=100, subtests=subtests)  # type: ignore[call-arg]

    assert subtests.tried == ["row 2", "row 3", "row 4", "row 5"]
    assert subtests.failed == ["row 3", "row 5"]


def test_the_other_parameters_are_fixtures():
    assert list(inspect.signature(wrong_twice).parameters) == ["limit", "subtests"]


def test_a_table_without_rows_is_refused():
    with pytest.raises(AssertionError, match="no row of number"):
        for_each("number", [])


@for_each("factor", [1, 2])
@for_each("number, product", [(3, 3), (4, 8)])
def wrong_across(factor: int, number: int, product: int) -> None:
    assert factor * number == product


def test_two_tables_are_tried_across():
    subtests = Subtests()

    wrong_across(subtests=subtests)  # type: ignore[call-arg]

    assert subtests.tried == ["1, (3, 3)", "1, (4, 8)", "2, (3, 3)", "2, (4, 8)"]
    assert subtests.failed == ["1, (4, 8)", "2, (3, 3)"]


@for_each("text", ["half \ud800"])
def half(text: str) -> None:
    raise AssertionError


def test_a_row_with_half_a_character_is_named_in_what_a_process_can_send():
    subtests = Subtests()

    half(subtests=subtests)  # type: ignore[call-arg]

    assert subtests.failed == ["half \\ud800"]
