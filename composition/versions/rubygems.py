"""RubyGems: numbers and words after dots and changes between digits and letters; a word makes a prerelease.

https://docs.ruby-lang.org/en/master/Gem/Version.html
"""

import re

from composition.versions.keys import Key, VersionUnreadable

_VERSION = re.compile(r"[0-9]+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?")
_SEGMENT = re.compile(r"[0-9]+|[A-Za-z]+")
# The places of what may stand at one position: the end counts as 0, and words are below it.
_WORD, _ZERO_BEFORE, _END, _ZERO_AFTER, _NUMBER = range(5)


def key(version: str) -> Key:
    """Return the key of a version. Raises VersionUnreadable."""
    if not _VERSION.fullmatch(version):
        raise VersionUnreadable(version, "RubyGems")
    segments = _SEGMENT.findall(version.replace("-", ".pre."))
    first_word = next((at for at, segment in enumerate(segments) if segment.isalpha()), len(segments))
    places: list[Key] = [(_END,)]
    for segment in reversed(_without_zeros(segments[:first_word]) + _without_zeros(segments[first_word:])):
        places.append(_place(segment, following=places[-1]))
    return tuple(reversed(places))


def _without_zeros(segments: list[str]) -> list[str]:
    kept = list(segments)
    while kept and not kept[-1].strip("0"):
        kept.pop()
    return kept


def _place(segment: str, *, following: Key) -> Key:
    if segment.isalpha():
        return (_WORD, segment)
    if number := int(segment):
        return (_NUMBER, number)
    return (_ZERO_BEFORE,) if following[0] < _END else (_ZERO_AFTER,)
