"""Maven: numbers and qualifiers after dots, hyphens and changes between digits and letters.

https://maven.apache.org/pom.html#version-order-specification. The order there is no order in corners: 1-1 < 1.0.alpha <
1 < 1-1. What is before a release (alpha, beta …) stays before it here, whatever stands between; so versions sort.
"""

import re

from composition.versions.keys import Key, VersionUnreadable

_READABLE = re.compile(r"[A-Za-z0-9._+~:-]*\d[A-Za-z0-9._+~:-]*", re.ASCII)
_TOKEN = re.compile(r"([.-]|(?<=\d)(?=[^\d.-])|(?<=[^\d.-])(?=\d))", re.ASCII)
_ALIASES = {"cr": "rc", "ga": "", "final": "", "release": ""}
# Only right before a number.
_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}
_KNOWN = {"alpha": 0, "beta": 1, "milestone": 2, "rc": 3, "snapshot": 4, "": 5, "sp": 6}
_OTHER = 7
# The places of what may stand at one position, the lowest first.
_DOT_BEFORE, _HYPHEN_BEFORE, _ZERO_BEFORE, _END, _DOT_AFTER, _HYPHEN_AFTER, _HYPHEN_NUMBER, _DOT_NUMBER = range(8)
_Token = tuple[str, str]


def key(version: str) -> Key:
    """Return the key of a version. Raises VersionUnreadable, also for LATEST, RELEASE and properties."""
    if not _READABLE.fullmatch(version):
        raise VersionUnreadable(version, "Maven")
    places: list[Key] = [(_END,)]
    tokens = _trimmed(_tokens(version.lower()))
    for index in range(len(tokens) - 1, -1, -1):
        places.append(_place(tokens[index], following=places[-1], is_first=index == 0))
    return tuple(reversed(places))


def _tokens(version: str) -> list[_Token]:
    """Return each token with what stands before it: a dot, or a hyphen, which a change of kind is too."""
    # Of the pieces every second one is a separator, empty where digits and letters meet.
    pieces = [".", *_TOKEN.split(version)]
    return [
        ("." if pieces[at] == "." else "-", _word(pieces[at + 1], touches_number=pieces[at + 2 : at + 3] == [""]))
        for at in range(0, len(pieces), 2)
    ]


def _word(piece: str, *, touches_number: bool) -> str:
    if piece.isdecimal():
        return str(int(piece))
    if not piece:
        return "0"
    if touches_number:
        piece = _SHORT.get(piece, piece)
    return _ALIASES.get(piece, piece)


def _trimmed(tokens: list[_Token]) -> list[_Token]:
    """Return the tokens without those that say nothing at the end, and before each hyphen. The first one stays."""
    kept = list(tokens)
    at = len(kept) - 1
    while at > 0:
        if kept[at][1] in {"0", ""}:
            del kept[at]
            at -= 1
            continue
        while at >= 0 and kept[at][0] != "-":
            at -= 1
        at -= 1
    return kept


def _place(token: _Token, *, following: Key, is_first: bool) -> Key:
    separator, word = token
    if word.isdecimal():
        # Zeros count as the end does; what follows them decides on which side of it they are.
        if separator == "." and word == "0" and following[0] < _END and not is_first:
            return (_ZERO_BEFORE,)
        return (_DOT_NUMBER if separator == "." else _HYPHEN_NUMBER, int(word))
    rank = _KNOWN.get(word, _OTHER)
    before = rank < _KNOWN[""]
    if separator == ".":
        return (_DOT_BEFORE if before else _DOT_AFTER, rank, word if rank == _OTHER else "")
    return (_HYPHEN_BEFORE if before else _HYPHEN_AFTER, rank, word if rank == _OTHER else "")
