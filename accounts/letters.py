"""Letters that a room writes to people once a week: what stands in them is the room's, alerts send them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a letter: what it is in words, the lines of the first rows, how many there are, and the noun's list.

    `filters` are those under which the list of `noun` shows them; no noun: the home page does.
    """

    words: str
    lines: Sequence[str]
    total: int
    noun: str = ""
    filters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter: its word, the words that its subject begins with, to whom it goes and why, and its parts on a day."""

    word: str
    begins: str
    why: str
    people: "Callable[[], QuerySet[Any]]"
    sections: Callable[[Any, date], list[Section]]


_declared: dict[str, Letter] = {}


def declare(letter: Letter) -> None:
    """Add a letter."""
    _declared[letter.word] = letter


def every() -> list[Letter]:
    """Return all letters."""
    return list(_declared.values())
