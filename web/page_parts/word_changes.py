"""What differs between two texts, word by word, for pages that show them side by side."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
# What is compared takes the square of its words: two descriptions of 1,500 words take 0.1 s, longer ones are shown
# whole. A page compares so many words at most.
LONGEST, A_PAGE = 1500, 20_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text; `differs`: the other one has something else there."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Sides:
    """Both texts in pieces."""

    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


class Comparer:
    """Compares the texts of one page."""

    def __init__(self) -> None:
        """Begin with all words of a page left."""
        self._left = A_PAGE

    def sides(self, before: str, after: str) -> Sides:
        """Return both texts with what differs marked; whole where that would take too long."""
        was, now = _WORD.findall(before), _WORD.findall(after)
        self._left -= len(was) + len(now)
        if max(len(was), len(now)) > LONGEST or self._left < 0:
            return Sides(_whole(before), _whole(after))
        return _compared(was, now)


def _compared(was: list[str], now: list[str]) -> Sides:
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, from_, to, now_from, now_to in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        differs = kind != "equal"
        left += [Piece("".join(was[from_:to]), differs)] if to > from_ else []
        right += [Piece("".join(now[now_from:now_to]), differs)] if now_to > now_from else []
    return Sides(tuple(left), tuple(right))


def _whole(text: str) -> tuple[Piece, ...]:
    return (Piece(text, differs=True),) if text else ()
