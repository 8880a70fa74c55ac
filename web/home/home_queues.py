"""The queues of the home page: things of one kind that wait, the first of them, and where all are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from scoring.scales import Severity

SHOWN = 6


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits: what, where, a hint, and by when."""

    title: str
    url: str
    hint: str = ""
    due_on: date | None = None
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Queue:
    """Things of one kind that wait; `total` counts all of them, `items` are the first."""

    title: str
    icon: str
    items: Sequence[Item]
    total: int
    all_url: str = ""


def of_rows(title: str, icon: str, rows: QuerySet[Any], item: Callable[[Any], Item], *, all_url: str = "") -> Queue:
    """Return a queue; its rows are counted only when there are more than it shows."""
    found = list(rows[: SHOWN + 1])
    total = rows.count() if len(found) > SHOWN else len(found)
    return Queue(title, icon, [item(row) for row in found[:SHOWN]], total, all_url)


def of_list(title: str, icon: str, found: Sequence[Any], item: Callable[[Any], Item]) -> Queue:
    """Return a queue of what is gathered already."""
    return Queue(title, icon, [item(one) for one in found[:SHOWN]], len(found))


def list_of(noun: str, **filters: str) -> str:
    """Return the address of a list with filters."""
    return f"{reverse(f'web:{noun}-list')}?{urlencode(filters)}"


def severity_of(row: Any) -> str:
    """Return the severity of a row in one word."""
    return Severity(row.severity).word
