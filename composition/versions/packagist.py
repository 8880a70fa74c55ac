"""Packagist: PHP's version_compare after a leading "v" is gone, which is how OSV evaluates its ranges.

https://www.php.net/manual/en/function.version-compare.php
"""

import re

from composition.versions.keys import Key, VersionUnreadable

_READABLE = re.compile(r"[vV]?[0-9][0-9A-Za-z._+~@#-]*")
_PART = re.compile(r"[0-9]+|[A-Za-z]+")
# Words count by how they begin, in this order of trying; any other is below "dev".
_WORDS = (("dev", 0), ("a", 1), ("b", 2), ("RC", 3), ("rc", 3), ("p", 5))
_UNKNOWN = -1
_NUMBER = 4
_END = -1


def key(version: str) -> Key:
    """Return the key of a version. Raises VersionUnreadable, also for branches: dev-main, 1.x-dev."""
    if not _READABLE.fullmatch(version) or version.endswith(".x-dev"):
        raise VersionUnreadable(version, "Packagist")
    return (*(_place(part) for part in _PART.findall(version.lstrip("vV"))), (_NUMBER, _END))


def _place(part: str) -> Key:
    if part.isdecimal():
        return (_NUMBER, int(part))
    return (next((place for word, place in _WORDS if part.startswith(word)), _UNKNOWN), 0)
