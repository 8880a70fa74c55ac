"""`pnpm-lock.yaml`, of the lock file versions 5 to 9."""

from collections.abc import Iterator
from typing import Any

from vendors.lockfiles import locked, plain_yaml
from vendors.lockfiles.locked import Locked

_FIRST, _LAST = 5, 9
# From this version on a package is named `name@version`, before it `name/version`.
_WITH_AT = 6


def read(text: str) -> tuple[str, tuple[Locked, ...]]:
    """Return the form, and what is fixed. Raises LockFileInvalid."""
    found, versions = [], []
    for document in plain_yaml.documents(text):
        version = _version(document)
        versions.append(version)
        found += list(_packages(document.get("packages") or {}, major=int(version.partition(".")[0])))
    if not versions:
        locked.refuse("The file is empty.")
    return f"pnpm lock file, version {versions[-1]}", tuple(found)


def _version(document: Any) -> str:
    said = document.get("lockfileVersion") if isinstance(document, dict) else None
    major = said.partition(".")[0] if isinstance(said, str) else ""
    if not (isinstance(said, str) and major.isdecimal() and len(major) < 3 and _FIRST <= int(major) <= _LAST):
        locked.refuse(f"This is no lock file of pnpm of version {_FIRST} to {_LAST}.", "lockfileVersion")
    return said


def _packages(rows: Any, *, major: int) -> Iterator[Locked]:
    if not isinstance(rows, dict):
        locked.refuse("Here stands no mapping.", "packages")
    for key, entry in rows.items():
        said = entry if isinstance(entry, dict) else {}
        name, version = _named(key, major=major)
        resolution = said.get("resolution")
        resolution = resolution if isinstance(resolution, dict) else {}
        files, lacks = locked.of_one_file(resolution.get("integrity"))
        if lacks == locked.NONE_KEPT:
            lacks = _why_none(resolution)
        yield Locked("npm", str(said.get("name") or name), str(said.get("version") or version), files, lacks)


def _named(key: str, *, major: int) -> tuple[str, str]:
    """Return the name and the version in the key of a package, without the peers that it is installed with."""
    plain = key.partition("(")[0].removeprefix("/")
    if major >= _WITH_AT:
        at = plain.find("@", 1)
        return (plain[:at], plain[at + 1 :]) if at > 0 else (plain, "")
    parts = plain.split("/")
    end = 2 if plain.startswith("@") else 1
    return "/".join(parts[:end]), "/".join(parts[end:]).partition("_")[0]


def _why_none(resolution: dict[str, Any]) -> str:
    if resolution.get("type") == "git" or "repo" in resolution or "codeload.github.com" in str(resolution):
        return locked.FROM_GIT
    return locked.A_FOLDER if resolution.get("type") == "directory" or "directory" in resolution else locked.NONE_KEPT
