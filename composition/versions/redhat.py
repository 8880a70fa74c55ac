"""Red Hat and others that RPM serves: rpmvercmp of epoch, version and release.

https://rpm-software-management.github.io/rpm/manual/dependencies.html
"""

import re

from composition.versions.keys import Key, VersionUnreadable

# Letters of other scripts separate, as all does that is neither a letter or digit of ASCII nor "~" and "^".
_VERSION = re.compile(r"(?:([0-9]+):)?([\w.+~^:]+)(?:-([\w.+~^:-]*))?")
_PART = re.compile(r"[0-9]+|[A-Za-z]+|[~^]")
# The places of what may stand at one position, the lowest first.
_TILDE, _END, _CARET, _WORD, _NUMBER = range(5)


def key(version: str) -> Key:
    """Return the key of a version. Raises VersionUnreadable."""
    found = _VERSION.fullmatch(version)
    if found is None:
        raise VersionUnreadable(version, "Red Hat")
    epoch, upstream, release = found.groups()
    return (int(epoch or 0), _parts(upstream), () if release is None else _parts(release))


def _parts(text: str) -> Key:
    return (*map(_place, _PART.findall(text)), (_END,))


def _place(part: str) -> Key:
    if part.isdecimal():
        return (_NUMBER, int(part))
    if part == "~":
        return (_TILDE,)
    return (_CARET,) if part == "^" else (_WORD, part)
