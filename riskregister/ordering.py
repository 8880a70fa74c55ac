"""Orders of lists in words, the same for both doors: "-created_at" descending, "due_on?" with rows that have none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q
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

    def after(self, value: Any) -> Q | None:
        """Return the condition for what comes strictly after the value in this column; None: nothing does."""
        if value is None:
            return Q(**{f"{self.field}__isnull": False}) if self.descending else None
        if self.descending:
            return Q(**{f"{self.field}__lt": value})
        beyond = Q(**{f"{self.field}__gt": value})
        return beyond | Q(**{f"{self.field}__isnull": True}) if self.is_nullable else beyond

    def same(self, value: Any) -> Q:
        """Return the condition for rows that tie in this column."""
        return Q(**{f"{self.field}__isnull": True}) if value is None else Q(**{self.field: value})

    def from_here(self, value: Any) -> Q:
        """Return the condition for rows that tie or come after; one comparison where that can be, for the index."""
        if value is None:
            return Q() if self.descending else self.same(None)
        beyond = Q(**{f"{self.field}__{'lte' if self.descending else 'gte'}": value})
        return beyond | Q(**{f"{self.field}__isnull": True}) if self.is_nullable and not self.descending else beyond


def keys(words: str) -> list[Key]:
    """Return the keys of an ordering, e.g. "severity due_on? -number"."""
    return [Key.parse(word) for word in words.split()]


def turned(words: str) -> str:
    """Return the words of the opposite order."""
    return " ".join(word[1:] if word.startswith("-") else f"-{word}" for word in words.split())


def order(words: str) -> Sequence[OrderBy]:
    """Return what to order by."""
    return [key.order() for key in keys(words)]
