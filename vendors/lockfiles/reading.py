"""Reads a lock file by what its name says that it is."""

import re
from collections.abc import Callable, Mapping

from riskregister import limits
from vendors import strict_json
from vendors.lockfiles import npm, pnpm, python, yarn
from vendors.lockfiles.locked import Locked, LockFile, LockFileInvalid, refuse
from vendors.strict_json import DocumentInvalid

NAMES = (
    "package-lock.json, npm-shrinkwrap.json, pnpm-lock.yaml, yarn.lock, uv.lock, poetry.lock, and requirements.txt"
    " or another .txt file of pip"
)
READERS: Mapping[str, Callable[[str], tuple[str, tuple[Locked, ...]]]] = {
    "package-lock.json": npm.read,
    "npm-shrinkwrap.json": npm.read,
    "pnpm-lock.yaml": pnpm.read,
    "yarn.lock": yarn.read,
    "uv.lock": python.read_uv,
    "poetry.lock": python.read_poetry,
}


def is_lock_file(path: str) -> bool:
    """Return whether the end of a path is the name of a lock file."""
    return _name(path) in READERS or _name(path).endswith(".txt")


def read(path: str, raw: str | bytes) -> LockFile:
    """Return what a lock file fixes. Raises LockFileInvalid for another name, and for what cannot be read."""
    if not is_lock_file(path):
        refuse(f"{_name(path)[:60]!a} is no lock file that can be read. Give {NAMES}.")
    reader = READERS.get(_name(path), python.read_requirements)
    try:
        text = strict_json.decode(raw, limit=limits.LOCK_FILE)
        form, packages = reader(text)
    except DocumentInvalid as error:
        raise LockFileInvalid(error.problems) from error
    return LockFile(path, form, packages, text)


def _name(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]
