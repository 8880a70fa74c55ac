"""Orders of lists in words, the same for both doors: "-created_at" descending, "due_on?" with rows that have none.

What comes after a row is told by ranges, each of which an index of the order begins at and reads in its order: a
condition that joins them by "or" is no position, so that all rows before it were read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.expressions import OrderBy


@dataclass(frozen=True, slots=True)
class Key:
    """One column of an ordering; rows without a value come last, in descending order first.

    So an index of PostgreSQL, read forwards or backwards, serves both directions.
    """

    field: str
    descending: bool = False
    is_nullable: bool = False

    @classmethod
    def parse(cls, word: str) -> "Key":
        """Return the key for a word: "-created_at" descending, "due_on?" with rows that have none."""
        name = word.removeprefix("-").removesuffix("?")
        return cls(name, descending=word.startswith("-"), is_nullable=word.endswith("?"))

    def turned(self) -> "Key":
        """Return the key of the opposite order."""
        return Key(self.field, not self.descending, self.is_nullable)

    def order(self) -> OrderBy:
        """Return what to order by."""
        nulls = {"nulls_first": True} if self.descending else {"nulls_last": True}
        return OrderBy(F(self.field), descending=self.descending, **nulls if self.is_nullable else {})

    def after(self, value: Any) -> list[Q]:
        """Return the ranges of what comes strictly after the value in this column, in their order."""
        none = Q(**{f"{self.field}__isnull": True})
        if value is None:
            return [~none] if self.descending else []
        beyond = Q(**{f"{self.field}__{'lt' if self.descending else 'gt'}": value})
        return [beyond, none] if self.is_nullable and not self.descending else [beyond]

    def same(self, value: Any) -> Q:
        """Return the condition for rows that tie in this column."""
        return Q(**{f"{self.field}__isnull": True}) if value is None else Q(**{self.field: value})


class _Beyond(Func):
    """Compares columns of one direction with values as one, which an index of them begins at."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, *fields: Any, values: Sequence[Any], sign: str, **extra: Any) -> None:
        """Keep the values; they are read as the columns' own."""
        super().__init__(*fields, **extra)
        self.values, self.sign = values, sign

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **_context: Any) -> Any:
        """Return the condition."""
        columns, values = [], []
        for column, value in zip(self.get_source_expressions(), self.values, strict=True):
            columns.append(compiler.compile(column))
            values.append(compiler.compile(Value(value, column.output_field)))
        sides = [", ".join(sql for sql, _ in side) for side in (columns, values)]
        params = [param for side in (columns, values) for _, given in side for param in given]
        return f"({sides[0]}) {self.sign} ({sides[1]})", params


def ranges(keys: Sequence[Key], position: Sequence[Any]) -> Iterator[Q]:
    """Yield the ranges of the rows after a position, in their order.

    First what ties in all keys but the last ones, which are compared as one, then in fewer and fewer.
    """
    last = keys[-1]
    alike = list(takewhile(lambda key: key.descending == last.descending and not key.is_nullable, reversed(keys)))
    begin = len(keys) - max(len(alike), 1)
    if alike:
        sign = "<" if last.descending else ">"
        fields, values = [F(key.field) for key in keys[begin:]], list(position[begin:])
        yield _tied(keys, position, begin) & Q(_Beyond(*fields, values=values, sign=sign))
        begin -= 1
    for place in range(begin, -1, -1):
        for later in keys[place].after(position[place]):
            yield _tied(keys, position, place) & later


def _tied(keys: Sequence[Key], position: Sequence[Any], places: int) -> Q:
    """Return the condition for rows that tie with the position in the first keys."""
    tied = Q()
    for key, value in zip(keys[:places], position[:places], strict=True):
        tied &= key.same(value)
    return tied


def keys(words: str) -> list[Key]:
    """Return the keys of an ordering, e.g. "severity due_on? -number"."""
    return [Key.parse(word) for word in words.split()]


def turned(words: str) -> str:
    """Return the words of the opposite order."""
    return " ".join(word[1:] if word.startswith("-") else f"-{word}" for word in words.split())


def order(words: str) -> Sequence[OrderBy]:
    """Return what to order by."""
    return [key.order() for key in keys(words)]
