"""Semantic Versioning 2.0.0, read as loosely as npm does; NuGet and Pub, who compare more of it.

https://semver.org/spec/v2.0.0.html#spec-item-11
"""

import re

from composition.versions.keys import Key, VersionUnreadable

_WORDS = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
# A prerelease without its hyphen begins with a letter: 1.2.3beta.
_VERSION = re.compile(
    r"[vV=]?(\d+)(?:\.(\d+))?(?:\.(\d+))?((?:\.\d+)*)"
    rf"(?:-({_WORDS})|([A-Za-z][0-9A-Za-z-]*(?:\.[0-9A-Za-z-]+)*))?(?:\+({_WORDS}))?",
    re.ASCII,
)
# Above every prerelease: the first parts of those are 0 and 1.
_RELEASE: Key = ((2,),)
_NO_MORE: Key = ()


def key(version: str) -> Key:
    """Return the key of a version of npm, Go, crates.io, Hex and their like. Raises VersionUnreadable.

    A missing part is 0. Parts beyond the third, which the specification does not know, count as further numbers. Build
    metadata does not count.
    """
    major, minor, patch, more, prerelease, _build = _read(version, "SemVer")
    return (major, minor, patch, more, _words(prerelease) if prerelease else _RELEASE)


def with_build(version: str) -> Key:
    """Return the key of a version of Pub or Julia, who compare build metadata last. Raises VersionUnreadable."""
    major, minor, patch, more, prerelease, build = _read(version, "Pub")
    return (major, minor, patch, more, _words(prerelease) if prerelease else _RELEASE, _words(build))


def nuget(version: str) -> Key:
    """Return the key of a version of NuGet: four numbers, and labels of any case. Raises VersionUnreadable."""
    major, minor, patch, more, prerelease, _build = _read(version, "NuGet")
    return (major, minor, patch, more, _words(prerelease.lower()) if prerelease else _RELEASE)


def _read(version: str, kind: str) -> tuple[int, int, int, Key, str, str]:
    found = _VERSION.fullmatch(version)
    if found is None:
        raise VersionUnreadable(version, kind)
    major, minor, patch, more, prerelease, loose, build = found.groups()
    return int(major), int(minor or 0), int(patch or 0), _numbers(more), prerelease or loose or "", build or ""


def _numbers(dotted: str) -> Key:
    if not dotted:
        return _NO_MORE
    found = [int(part) for part in dotted[1:].split(".")]
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def _words(dotted: str) -> Key:
    """Return the parts of a prerelease: numbers are below words, and words are in the order of ASCII."""
    if not dotted:
        return _NO_MORE
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in dotted.split("."))
