"""PyPI: PEP 440, and below all of it what was published before, compared as setuptools did then.

https://packaging.python.org/specifications/version-specifiers/
"""

import re

from composition.versions.keys import Key, VersionUnreadable

_VERSION = re.compile(
    r"v?(?:(?P<epoch>[0-9]+)!)?(?P<release>[0-9]+(?:\.[0-9]+)*)"
    r"(?:[-_.]?(?P<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<pre_number>[0-9]+)?)?"
    r"(?P<post>-(?P<post_alone>[0-9]+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_number>[0-9]+)?)?"
    r"(?P<dev>[-_.]?dev[-_.]?(?P<dev_number>[0-9]+)?)?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?",
    re.ASCII,
)
_PHASES = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}
_BELOW_PHASES: Key = (-1,)
_NO_PHASE: Key = (3,)
_NO_POST = -1
_NO_DEV: Key = (1,)
_LEGACY_EPOCH = -1
# What stands in old versions that advisories list; setuptools read anything.
_LEGACY = re.compile(r"[a-z0-9._+!:~\\-]*[a-z0-9][a-z0-9._+!:~\\-]*")
_LEGACY_PARTS = re.compile(r"[0-9]+|[a-z]+|-")
_LEGACY_WORDS = {"pre": "c", "preview": "c", "-": "final-", "rc": "c", "dev": "@"}


def key(version: str) -> Key:
    """Return the key of a version. Raises VersionUnreadable."""
    # Most versions are dotted numbers: without the pattern they take a third of the time.
    if version.isascii() and version.replace(".", "").isdecimal() and ".." not in f".{version}.":
        return (0, _release(version), _NO_PHASE, _NO_POST, _NO_DEV, ())
    lowered = version.lower()
    found = _VERSION.fullmatch(lowered)
    if found is None:
        return _legacy(version, lowered)
    epoch, release, pre, pre_number, post, post_alone, post_number, dev, dev_number, local = found.groups()
    return (
        int(epoch or 0),
        _release(release),
        # A development release of the release itself is before its first prerelease.
        (_PHASES[pre], int(pre_number or 0)) if pre else _BELOW_PHASES if dev and not post else _NO_PHASE,
        int(post_alone or post_number or 0) if post else _NO_POST,
        (0, int(dev_number or 0)) if dev else _NO_DEV,
        _local(local) if local else (),
    )


def is_legacy(found: Key) -> bool:
    """Return whether a key is of a version that PEP 440 does not know: it is below all that it knows."""
    return bool(found[0] == _LEGACY_EPOCH)


def _release(dotted: str) -> Key:
    found = [int(part) for part in dotted.split(".")]
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def _local(label: str) -> Key:
    return tuple((1, int(part)) if part.isdecimal() else (0, part) for part in re.split(r"[-_.]", label))


def _legacy(version: str, lowered: str) -> Key:
    if not _LEGACY.fullmatch(lowered):
        raise VersionUnreadable(version, "PyPI")
    parts: list[str] = []
    for part in [*_LEGACY_PARTS.findall(lowered), "final"]:
        word = part.zfill(8) if part.isdecimal() else f"*{_LEGACY_WORDS.get(part, part)}"
        if word.startswith("*"):
            _drop_what_is_nothing_before(word, parts)
        parts.append(word)
    return (_LEGACY_EPOCH, tuple(parts))


def _drop_what_is_nothing_before(word: str, parts: list[str]) -> None:
    if word < "*final":
        while parts and parts[-1] == "*final-":
            parts.pop()
    while parts and parts[-1] == "00000000":
        parts.pop()
