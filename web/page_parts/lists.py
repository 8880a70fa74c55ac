"""Lists without pages: the first rows of many, as a table or to choose from, and the words that narrow a choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from riskregister.lists import Column, List

T = TypeVar("T")
# Of a choice that words narrow down.
OFFERED = 50


@dataclass(frozen=True, slots=True)
class Table:
    """Some rows of a list under some of its columns, on the page of what they belong to.

    Nothing is sorted or narrowed there; `total` is how many rows there are, of which these are the first.
    """

    of: List
    columns: Sequence[Column]
    rows: list[Any]
    total: int
    today: date


def table(of: List, rows: QuerySet[Any], *labels: str, most: int) -> Table:
    """Return the first `most` rows under the columns with these labels (none: those of the list's page)."""
    found = first(rows, most)
    columns = of.some(*labels) if labels else of.on_page
    return Table(of, columns, found.rows, found.total, timezone.localdate())


def table_of(of: List, rows: list[Any], *labels: str) -> Table:
    """Return rows that are chosen already under the columns with these labels."""
    return Table(of, of.some(*labels), rows, len(rows), timezone.localdate())


@dataclass(frozen=True, slots=True)
class First(Generic[T]):
    """The first rows of a list without pages, and how many it has in all."""

    rows: list[T]
    total: int


def first(rows: QuerySet[Any], shown: int) -> First[Any]:
    """Return at most `shown` rows, and how many there are; counted only when there are more."""
    found = list(rows[: shown + 1])
    return First(found[:shown], rows.order_by().count() if len(found) > shown else len(found))


def named(names: Sequence[str], *, most: int) -> str:
    """Return the first names in one line, e.g. "Ann, Bob and 3 more"."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def words_in(request: HttpRequest) -> str:
    """Return the words that somebody searches a choice for (`?q=`), at most 200 characters; no column can hold NUL."""
    return request.GET.get("q", "").replace("\0", "").strip()[:200]
