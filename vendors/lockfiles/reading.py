"""Reads a lock file by what its name says that it is."""

import re
from collections.abc import Callable, Mapping

from riskregister import limits
from vendors import strict_json
from vendors.lockfiles import cargo, golang, npm, pipfile, pnpm, poetry, pylock, requirements, uv, yarn
from vendors.lockfiles.locked import Contents, LockFile, LockFileInvalid, refuse
from vendors.strict_json import DocumentInvalid

READERS: Mapping[str, Callable[[str], Contents]] = {
    "package-lock.json": npm.read,
    "npm-shrinkwrap.json": npm.read,
    "pnpm-lock.yaml": pnpm.read,
    "yarn.lock": yarn.read,
    "uv.lock": uv.read,
    "poetry.lock": poetry.read,
    "pdm.lock": poetry.read_pdm,
    "pylock.toml": pylock.read,
    "Pipfile.lock": pipfile.read,
    "go.mod": golang.read_mod,
    "go.sum": golang.read_sum,
    "Cargo.lock": cargo.read,
}
NAMES = f"{', '.join(READERS)}, and requirements.txt or another .txt file of pip"
# Real ones of large repositories have 5,000.
MOST_PACKAGES = 100_000
# One of several files of PEP 751 in a folder.
_PYLOCK = re.compile(r"pylock\.[^.]+\.toml\Z")
_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: |$)", re.MULTILINE)


def is_lock_file(path: str) -> bool:
    """Return whether the end of a path is the name of a lock file."""
    return _reader(_name(path)) is not None


def read(path: str, raw: str | bytes) -> LockFile:
    """Return what a lock file fixes. Raises LockFileInvalid for another name, and for what cannot be read."""
    reader = _reader(_name(path))
    if reader is None:
        refuse(f"{_name(path)[:60]!a} is no lock file that can be read. Give {NAMES}.")
    try:
        text = strict_json.decode(raw, limit=limits.LOCK_FILE)
        if found := _CONFLICT.search(text):
            line = text.count("\n", 0, found.start()) + 1
            refuse(f"Line {line} has the marks of a merge that was not finished. Finish it, and write the file again.")
        contents = reader(text)
    except DocumentInvalid as error:
        raise LockFileInvalid(error.problems) from error
    if len(contents.packages) > MOST_PACKAGES:
        refuse(f"The file has more than {MOST_PACKAGES:,} packages. Check that it is the right file.")
    return LockFile(path, contents, text)


def _reader(name: str) -> Callable[[str], Contents] | None:
    if name in READERS:
        return READERS[name]
    if _PYLOCK.match(name):
        return pylock.read
    return requirements.read if name.endswith(".txt") else None


def _name(path: str) -> str:
    return re.split(r"[/\\]", path)[-1]
