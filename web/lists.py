"""Lists without pages: the first rows of many, and what somebody searches a choice for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest

T = TypeVar("T")
# Of a choice that words narrow down.
OFFERED = 50


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
