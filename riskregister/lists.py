"""How a noun is listed, declared once in its room: its rows, columns, filters and orders.

From a declaration come the table of a page with its headings and the labels on a phone, the CSV, and filters, orders
and search of the API.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum, auto
from functools import cache
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import OrderBy

from riskregister import looks, marks
from riskregister.filters import FilterSet
from riskregister.queries import ordering

# The path to a value from a row, or what works it out from the row and the day.
Value = str | Callable[[Any, date], Any]


class Kind(Enum):
    """What a column holds, which decides how its cells look, on a phone too."""

    REF = auto()  # the human number of the row
    TITLE = auto()  # what the row is called, with the link to its page
    HEADING = auto()  # the same as the heading of a row
    TEXT = auto()
    SHORT = auto()  # a text that is not broken
    WORDS = auto()  # a text that says by itself what it is
    PROSE = auto()  # a longer one
    PERSON = auto()
    DAY = auto()
    DUE = auto()  # a day, in words when it is near, while `matters` says so
    MOMENT = auto()
    WHEN = auto()  # the moment that a row is of, to the second, with its zone
    AGO = auto()  # how long ago a moment was
    NUMBER = auto()
    SCORE = auto()
    BADGE = auto()  # word and mark of `looks`
    RATED = auto()  # the same where the word does not say what it is of
    FLAG = auto()
    DIGEST = auto()
    CODE = auto()  # what programs call it
    STEP = auto()  # what can be done with the row; its heading is not seen


class Where(Enum):
    """Where a column stands."""

    EVERYWHERE = auto()
    PAGE = auto()
    FILE = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, which is its label on a phone and in a file too, and where its values come from.

    `sort` is the order that its heading asks for first ("-number": the greatest on top). `sub` is a smaller line below
    the value, `empty` what stands for none ("": a dash, left out on a phone), `unit` what a page writes behind a
    number. `to` names a page and the path to its key, where the value leads. A page cuts a text after `cut` words.
    `cell` is a part of the list's template for what needs more than its kind. `field` is the path to the same in a row
    of the API; unless said it is that of the value, and for a function there is none.
    """

    label: str
    value: Value = ""
    kind: Kind = Kind.TEXT
    sort: str = ""
    where: Where = Where.EVERYWHERE
    looks: str = ""
    sub: Value = ""
    empty: str = ""
    unit: str = ""
    to: tuple[str, str] = ("", "")
    matters: Callable[[Any, date], bool] = lambda _row, _today: True
    cut: int = 0
    cell: str = ""
    field: str | None = None

    def behind(self, name: str) -> "Column":
        """Return the same column for rows that lead to its own by a relation, wherever these are shown."""
        return replace(
            self,
            where=Where.EVERYWHERE,
            value=lambda row, today: self.of(getattr(row, name), today=today),
            sub=(lambda row, today: self.sub_of(getattr(row, name), today=today)) if self.sub else "",
            matters=lambda row, today: self.matters(getattr(row, name), today),
            to=(self.to[0], f"{name}.{self.to[1]}") if self.to[0] else self.to,
        )

    @property
    def is_number(self) -> bool:
        """Return whether its values stand one below another."""
        return self.kind in (Kind.NUMBER, Kind.SCORE)

    @property
    def in_api(self) -> str:
        """Return the path to the same in a row of the API; empty: it has none."""
        if self.field is not None or callable(self.value):
            return self.field or ""
        return ".".join(re.sub(r"^get_(\w+)_display$", r"\1", name) for name in self.value.split("."))

    @property
    def is_step(self) -> bool:
        """Return whether its cells are what can be done with the row."""
        return self.kind is Kind.STEP

    def of(self, row: Any, *, today: date) -> Any:
        """Return the value for a row; None where a path ends early."""
        return at(row, self.value, today=today)

    def sub_of(self, row: Any, *, today: date) -> str:
        """Return the smaller line below the value, or an empty text."""
        return str(at(row, self.sub, today=today) or "") if self.sub else ""

    def written(self, row: Any, *, today: date) -> object:
        """Return the value as a file holds it: words for what has a look, days and moments as ISO 8601 has them.

        Letters and characters of a text that deceive are marked, as they are on a page.
        """
        value = self.of(row, today=today)
        if self.kind in (Kind.BADGE, Kind.RATED):
            return looks.word(self.looks, value) if value or not self.empty else ""
        if self.kind is Kind.FLAG:
            return "yes" if value else "no"
        if isinstance(value, datetime | date):
            return value.isoformat()
        return "" if value is None else value if isinstance(value, int | float) else marks.marked(str(value))


def at(row: Any, value: Value, *, today: date) -> Any:
    """Return what a path leads to from a row ("owner.name"), or what a function makes of it."""
    if callable(value):
        return value(row, today)
    for name in _names(value):
        row = getattr(row, name, None)
        if row is None:
            return None
        row = row() if name.startswith("get_") else row
    return row


@cache
def _names(path: str) -> Sequence[str]:
    return path.split(".")


@dataclass(frozen=True, slots=True)
class List:
    """A list. `word` says in the plural what it is of; a file is called by it unless `file_name` says otherwise.

    `rows` returns what a person may see, with all that the columns show. `sorts` maps a word to its order, written as
    `queries.ordering` has it; `default` is the word that a page begins with, "-" turns it round. `cells` is the
    template that holds the parts which `cell` of a column names.
    """

    word: str
    rows: "Callable[[Any], QuerySet[Any]]"
    sorts: Mapping[str, str]
    default: str
    columns: tuple[Column, ...] = ()
    filters: type[FilterSet] = FilterSet
    file_name: str = ""
    cells: str = ""

    def some(self, *labels: str) -> Sequence[Column]:
        """Return the columns with these labels, in this order, for the page of what the rows belong to.

        Raises LookupError for a label of none.
        """
        known = {column.label: column for column in self.columns}
        return [known[label] for label in labels]

    @property
    def on_page(self) -> Sequence[Column]:
        """Return the columns of a page."""
        return [column for column in self.columns if column.where is not Where.FILE]

    @property
    def in_file(self) -> Sequence[Column]:
        """Return the columns of a file."""
        return [column for column in self.columns if column.where is not Where.PAGE]

    def sorted_by(self, asked: str, *, bound: str = "") -> str:
        """Return the word of the order that somebody asked for, or the one to begin with.

        While a filter by a range narrows the list, its column is the only order (`bound`).
        """
        if bound and asked.removeprefix("-") != bound:
            return bound
        return asked if asked.removeprefix("-") in self.sorts else self.default

    def order(self, word: str) -> Sequence[OrderBy]:
        """Return what to order by."""
        return ordering.order(" ".join(self.keys(word)))

    def keys(self, word: str) -> tuple[str, ...]:
        """Return the words of the columns of an order."""
        keys = self.sorts[word.removeprefix("-")]
        return tuple((ordering.turned(keys) if word.startswith("-") else keys).split())

    def orderings(self, *words: str) -> dict[str, tuple[str, ...]]:
        """Return the orders that an index serves, each with the opposite one; the first is the one to begin with."""
        found = {}
        for word in words:
            for one in (word, ordering.turned(word)):
                found[one] = self.keys(one)
        return found
