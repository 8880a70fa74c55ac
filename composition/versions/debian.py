"""Debian, Ubuntu and others that dpkg serves; opam, which compares as it does.

https://manpages.debian.org/deb-version.7
"""

import re

from composition.versions.keys import Key, VersionUnreadable

_VERSION = re.compile(r"(?:([0-9]+):)?([0-9A-Za-z.+~:-]*?[0-9][0-9A-Za-z.+~:-]*?)(?:-([0-9A-Za-z.+~]*))?")
_PART = re.compile(r"([^0-9]*)([0-9]*)")
_TILDE, _END = 0, 1
_END_OF_ALL: Key = (_END,)


def key(version: str) -> Key:
    """Return the key of a version: epoch, upstream's version, revision. Raises VersionUnreadable."""
    found = _VERSION.fullmatch(version)
    if found is None:
        raise VersionUnreadable(version, "Debian")
    epoch, upstream, revision = found.groups()
    return (int(epoch or 0), _parts(upstream), _parts(revision or "0"))


def _parts(text: str) -> Key:
    """Return words and numbers in turn, each word as the places of its letters and its end."""
    places: list[object] = []
    for word, number in _PART.findall(text):
        if word or number:
            places += [(*map(_place, word), _END), int(number or 0)]
    return (*places, _END_OF_ALL)


def _place(letter: str) -> int:
    if letter == "~":
        return _TILDE
    return ord(letter) if letter.isalpha() else ord(letter) + 256
