"""`package-lock.json` and `npm-shrinkwrap.json`, of the lock file versions 1 to 3."""

from collections.abc import Iterator
from typing import Any

from riskregister import limits
from vendors import strict_json
from vendors.lockfiles import locked
from vendors.lockfiles.locked import Files, Locked

_VERSIONS = (1, 2, 3)
_INSIDE = "It comes inside another package, without a digest of its own."
_MODULES = "node_modules/"


def read(text: str) -> tuple[str, tuple[Locked, ...]]:
    """Return the form, and what is fixed. Raises DocumentInvalid."""
    document = strict_json.read(text, limit=limits.LOCK_FILE)
    version = document.get("lockfileVersion") if isinstance(document, dict) else None
    if version not in _VERSIONS or isinstance(version, bool):
        locked.refuse("This is no lock file of npm of version 1, 2 or 3.", "lockfileVersion")
    found = _of_tree(document) if version == 1 else _of_packages(document)
    return f"npm lock file, version {version}", tuple(found)


def _of_packages(document: dict[str, Any]) -> Iterator[Locked]:
    """Yield what is in `packages`, by the places where it is installed; links are said by where they lead."""
    for place, entry in _entries(document, "packages"):
        if place and not entry.get("link"):
            name = str(entry.get("name") or place.rpartition(_MODULES)[2])
            files, lacks = _files(entry, is_folder=_MODULES not in place)
            yield Locked("npm", name, _text(entry, "version"), files, lacks)


def _of_tree(document: dict[str, Any]) -> Iterator[Locked]:
    """Yield what is in `dependencies`, and in those of each, without recursion."""
    waiting = list(_entries(document, "dependencies"))
    while waiting:
        name, entry = waiting.pop(0)
        version = _text(entry, "version")
        if version.startswith("npm:"):
            name, _at, version = version.removeprefix("npm:").rpartition("@")
        files, lacks = _files(entry, is_folder=version.startswith("file:"))
        yield Locked("npm", name, version, files, lacks)
        waiting += _entries(entry, "dependencies")


def _entries(of: dict[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = of.get(name, {})
    if not isinstance(rows, dict):
        locked.refuse("Here stands no object.", name)
    for key, entry in rows.items():
        if not isinstance(entry, dict):
            locked.refuse("Here stands no object.", strict_json.under(name, key))
        yield key, entry


def _files(entry: dict[str, Any], *, is_folder: bool) -> tuple[Files, str]:
    files, lacks = locked.of_one_file(entry.get("integrity"))
    if files or lacks != locked.NONE_KEPT:
        return files, lacks
    if is_folder:
        return (), locked.A_FOLDER
    if entry.get("inBundle") or entry.get("bundled"):
        return (), _INSIDE
    came_from = str(entry.get("resolved") or entry.get("version") or "")
    return (), locked.FROM_GIT if came_from.startswith("git") else lacks


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""
