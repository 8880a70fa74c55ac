"""Alpine, Wolfi and others that apk serves.

https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/doc/apk-package.5.scd
"""

import re

from composition.versions.keys import Key, VersionUnreadable

_VERSION = re.compile(
    r"([0-9]+(?:\.[0-9]+)*)([a-z])?((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*)(?:~([0-9a-f]+))?(?:-r([0-9]+))?"
)
_SUFFIX = re.compile(r"_([a-z]+)([0-9]*)")
_BEFORE = {"alpha": 0, "beta": 1, "pre": 2, "rc": 3}
_AFTER = {"cvs": 0, "svn": 1, "git": 2, "hg": 3, "p": 4}
# The places of what may stand at one position: what goes on with an earlier part of the grammar is the higher.
_SUFFIX_BEFORE, _END, _REVISION, _COMMIT, _SUFFIX_NUMBER, _SUFFIX_AFTER, _LETTER, _NUMBER = range(8)


def key(version: str) -> Key:
    """Return the key of a version. Raises VersionUnreadable."""
    found = _VERSION.fullmatch(version)
    if found is None:
        raise VersionUnreadable(version, "Alpine")
    numbers, letter, suffixes, commit, revision = found.groups()
    first, *others = numbers.split(".")
    places: list[Key] = [(_NUMBER, int(first)), *map(_number, others)]
    if letter:
        places.append((_LETTER, letter))
    for word, number in _SUFFIX.findall(suffixes):
        places.append((_SUFFIX_BEFORE, _BEFORE[word]) if word in _BEFORE else (_SUFFIX_AFTER, _AFTER[word]))
        if number:
            places.append((_SUFFIX_NUMBER, int(number)))
    if commit:
        places.append((_COMMIT, commit))
    if revision:
        places.append((_REVISION, int(revision)))
    return (*places, (_END,))


def _number(digits: str) -> Key:
    """Return the place of a number after the first: with zeros in front it compares as text, below all without."""
    return (_NUMBER, 0, digits) if digits.startswith("0") else (_NUMBER, 1, int(digits))
