"""How every status, severity, band and level looks: word, shape and tone, declared once beside what it is of.

Pages, the API, files and reports take word and mark from here, so that one state has one word wherever it stands.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Look(NamedTuple):
    """A word for people, a symbol of the icon sprite and a tone of the palette."""

    word: str
    shape: str
    tone: str


_tables: dict[str, Mapping[Any, Look]] = {}


def of(members: Iterable[Any], **marks: tuple[str, str]) -> dict[Any, Look]:
    """Return the looks of the members of an enum: the word is the member's label, `marks` have shape and tone.

    Raises KeyError for a member without a mark.
    """
    return {str(member.value): Look(str(member.label), *marks[str(member.value)]) for member in members}


def declare(kind: str, looks: Mapping[Any, Look]) -> None:
    """Say how the values of a kind look, e.g. those of "finding". Raises ValueError when somebody already did."""
    if kind in _tables:
        raise ValueError(f"Looks of {kind!r} are declared twice.")
    _tables[kind] = looks


def kinds() -> Mapping[str, Mapping[Any, Look]]:
    """Return all tables by their kind."""
    return _tables


def look(kind: str, value: Any) -> Look:
    """Return how a value looks; None and an empty text are looked up as "". Raises KeyError for one without a look."""
    looks = _tables[kind]
    return looks[value] if value in looks else looks["" if value is None else str(value)]


def word(kind: str, value: Any) -> str:
    """Return the word for a value. Raises KeyError for one without a look."""
    return look(kind, value).word


def of_word(kind: str, word: str) -> Look:
    """Return the look that carries a word, for texts that keep words. Raises KeyError for a word of none."""
    for found in _tables[kind].values():
        if found.word == word:
            return found
    raise KeyError(word)
