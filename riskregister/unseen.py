"""Characters that nobody can see, or that turn the order in which others are read: the one place that knows them.

Vendors' text is kept as it came, since digests cover it, and is shown with each such character named in brackets. What
people type is refused instead. A joiner inside an emoji or a Persian word, or a variation selector behind the sign that
it is made for, does its work and is no trick; the same character elsewhere is one.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# Control, format (bidirectional marks, zero-width, tags), surrogates, private use, line and paragraph separators, and
# what no version of Unicode has given a meaning.
_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks by category that show nothing: Hangul fillers, the empty Braille cell, the grapheme joiner.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Signs in front of numbers, which are format characters by category and can be seen.
_SEEN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
_LAYOUT = frozenset("\n\t")
_JOINERS = frozenset("\u200c\u200d")
# Blocks that grow each year; Python's table is older than some of their signs.
_GROWING = ((0x1F000, 0x1FAFF), (0x20000, 0x3FFFD))
_JOINED_SCRIPTS = ((0x0600, 0x0DFF), (0x0F00, 0x109F), (0x1780, 0x18AF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC))
_IDEOGRAPHS = ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
_SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
_MONGOLIAN = ((0x180B, 0x180F),)
_ASCII_TAGS = range(0xE0020, 0xE007F)
_ARROWS = frozenset("\u2194\u2195\u20e3")
_TAGS = "\U000e0067\U000e0062"  # what the flags of England, Scotland and Wales begin with behind the black flag
_FLAGS = re.compile(
    f"\U0001f3f4{_TAGS}(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)"
    "\U000e007f"
)
# All that can be seen without asking for its category: most texts hold nothing else.
_PLAIN = re.compile(r"[ -~\n\t]*")
_LONGEST_SPELLED = 500


@dataclass(frozen=True, slots=True)
class Unseen:
    """A character that cannot be seen: its code ("U+200B"), its name, and how often it is there."""

    code: str
    name: str
    count: int


def is_unseen(character: str) -> bool:
    """Return whether a reader cannot see the character, or it turns the order of others; line breaks and tabs too."""
    return not " " <= character <= "~" and _is_unseen(character)


@lru_cache(maxsize=4096)
def _is_unseen(character: str) -> bool:
    if character in _BLANK or _within(character, _SELECTORS) or _within(character, _MONGOLIAN):
        return True
    category = unicodedata.category(character)
    if category not in _CATEGORIES or character in _SEEN:
        return False
    return not (category == "Cn" and _within(character, _GROWING))


def name(character: str) -> str:
    """Return the name of a character ("ZERO WIDTH SPACE"), or its code where it has none."""
    return unicodedata.name(character, code(character))


def code(character: str) -> str:
    """Return the code of a character, e.g. "U+200B"."""
    return f"U+{ord(character):04X}"


def places(text: str) -> Iterator[int]:
    """Yield where a running text holds unseen characters; those that do their work there do not count."""
    plain = _PLAIN.match(text)
    begins = plain.end() if plain else 0
    flags = {at for flag in _FLAGS.finditer(text) for at in range(flag.start() + 1, flag.end())}
    for at in range(begins, len(text)):
        character = text[at]
        if is_unseen(character) and character not in _LAYOUT and at not in flags and not _works(text, at):
            yield at


def places_in_name(text: str) -> Iterator[int]:
    """Yield where a name on one line holds unseen characters; joiners and line breaks count here too."""
    hidden = set(places(text))
    for at, character in enumerate(text):
        if at in hidden or character in _LAYOUT or character in _JOINERS:
            yield at


def first(text: str) -> str | None:
    """Return the name of the first unseen character of a running text, or None."""
    return next((name(text[at]) for at in places(text)), None)


def first_in_name(text: str) -> str | None:
    """Return the name of the first unseen character of a name on one line, or None."""
    return next((name(text[at]) for at in places_in_name(text)), None)


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the text in pieces: what can be seen (False), and each unseen character on its own (True)."""
    begins = 0
    for at in places(text):
        if begins < at:
            yield text[begins:at], False
        yield text[at], True
        begins = at + 1
    if begins < len(text):
        yield text[begins:], False


def visible(text: str) -> str:
    """Return the text with each unseen character named in brackets: `[U+200B]`."""
    return "".join(f"[{code(piece)}]" if hidden else piece for piece, hidden in pieces(text))


def in_one_line(text: str, limit: int | None = None) -> str:
    """Return the same in one line, cut at so many characters: strangers' words within a sentence or a file of ours."""
    return " ".join(visible(text).split())[:limit]


def counted(text: str) -> tuple[Unseen, ...]:
    """Return the unseen characters of a text, each once, in the order in which they come."""
    found = Counter(text[at] for at in places(text))
    return tuple(Unseen(code(character), name(character), count) for character, count in found.items())


def spelled(text: str) -> str:
    """Return what the tag characters of a text spell, which a model reads and a person does not; empty for none."""
    tags = (ord(text[at]) for at in places(text))
    return "".join(chr(tag - 0xE0000) for tag in tags if tag in _ASCII_TAGS)[:_LONGEST_SPELLED]


def _works(text: str, at: int) -> bool:
    """Return whether the unseen character at a place does there what it is made for."""
    character, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if character == "\r":
        return after == "\n"
    if not before:
        return False
    if character in _JOINERS and _within(before, _JOINED_SCRIPTS):
        return True
    if character == "\u200d":
        return bool(after) and _is_picture(after) and _is_picture(_base(text, at))
    if character in "\ufe0e\ufe0f":
        return _is_picture(before) or before in "#*0123456789"
    if _within(character, _SELECTORS):
        return _within(before, _IDEOGRAPHS) or (ord(character) <= 0xFE02 and unicodedata.category(before) == "Sm")
    return _within(character, _MONGOLIAN) and "\u1820" <= before <= "\u18aa"


def _base(text: str, at: int) -> str:
    """Return the sign in front of a joiner, behind which its colour and its selector may stand."""
    back = at - 1
    while back > 0 and (text[back] == "\ufe0f" or "\U0001f3fb" <= text[back] <= "\U0001f3ff"):
        back -= 1
    return text[back]


def _is_picture(character: str) -> bool:
    if _within(character, _GROWING[:1]) or character in _ARROWS:
        return True
    return unicodedata.category(character) in ("So", "Sm", "Po") and not character.isascii()


def _within(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= ord(character) <= high for low, high in ranges)
