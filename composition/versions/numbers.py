"""CRAN, Bioconductor and Hackage: lists of numbers, of which the longer is the higher."""

import re

from composition.versions.keys import Key, VersionUnreadable

_VERSION = re.compile(r"[0-9]+(?:[.-][0-9]+)*")


def key(version: str) -> Key:
    """Return the key of a version. Raises VersionUnreadable."""
    if not _VERSION.fullmatch(version):
        raise VersionUnreadable(version, "R or Haskell")
    return tuple(int(part) for part in re.split(r"[.-]", version))
