"""`uv.lock`, `poetry.lock` and `requirements.txt`."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from vendors import toml_keys
from vendors.lockfiles import locked
from vendors.lockfiles.locked import Files, Locked

# Real ones stay below 400.
_LONGEST_LINE = 10_000
_BITS = 64
_FOLDERS = ("directory", "editable", "virtual", "path", "file")
_NOT_FIXED = "It is not fixed to one version."
_COMMENT = re.compile(r"(^|\s)#.*")
_HASH = re.compile(r"\s--hash[= ]\s*(\S+)")
_OPTIONS = re.compile(r"\s--?[a-z].*\Z")


def read_uv(text: str) -> tuple[str, tuple[Locked, ...]]:
    """Return the form, and what is fixed. Raises LockFileInvalid."""
    document = _toml(text)
    packages = [_of_uv(row) for row in _rows(document, "package")]
    return f"uv lock file, version {_version(document, 'version')}", tuple(packages)


def read_poetry(text: str) -> tuple[str, tuple[Locked, ...]]:
    """Return the form, and what is fixed. Raises LockFileInvalid."""
    document = _toml(text)
    meta = _table(document, "metadata")
    # Poetry 1 kept the files of all packages together, the first ones their digests alone.
    beside = _table(meta, "files"), _table(meta, "hashes")
    packages = [_of_poetry(row, *beside) for row in _rows(document, "package")]
    return f"Poetry lock file, version {_version(meta, 'lock-version')}", tuple(packages)


def read_requirements(text: str) -> tuple[str, tuple[Locked, ...]]:
    """Return the form, and what is fixed; files that it includes are not read. Raises LockFileInvalid."""
    return "requirements of pip", tuple(_of_requirements(text))


def _of_uv(row: dict[str, Any]) -> Locked:
    rows = [row.get("sdist"), *_rows(row, "wheels")]
    files, lacks = locked.of_several(one.get("hash") for one in rows if isinstance(one, dict))
    source = _table(row, "source")
    if not files and "git" in source:
        lacks = locked.FROM_GIT
    elif not files and any(kind in source for kind in _FOLDERS):
        lacks = locked.A_FOLDER
    return _locked(row, files, lacks)


def _of_poetry(row: dict[str, Any], files_of: dict[str, Any], hashes_of: dict[str, Any]) -> Locked:
    name = row.get("name")
    kept = _rows(row, "files") or (_rows(files_of, name) if isinstance(name, str) else [])
    bare = hashes_of.get(name) if isinstance(name, str) else None
    said = [one.get("hash") for one in kept] or (bare if isinstance(bare, list) else [])
    files, lacks = locked.of_several(said)
    kind = _table(row, "source").get("type")
    if not files and kind in ("git", "directory"):
        lacks = locked.FROM_GIT if kind == "git" else locked.A_FOLDER
    return _locked(row, files, lacks)


def _locked(row: dict[str, Any], files: Files, lacks: str) -> Locked:
    name, version = row.get("name"), row.get("version")
    if not isinstance(name, str):
        locked.refuse("A package has no name.", "package")
    return Locked("pypi", canonicalize_name(name), version if isinstance(version, str) else "", files, lacks)


def _toml(text: str) -> dict[str, Any]:
    if any(len(line) > _LONGEST_LINE for line in text.split("\n")):
        locked.refuse(f"A line has more than {_LONGEST_LINE} characters. Check that it is the right file.")
    if toml_keys.line_of_long_key(text):
        locked.refuse(f"A key has more than {toml_keys.MOST_PARTS} parts. Check that it is the right file.")
    try:
        return tomllib.loads(text)
    except ValueError as error:
        # Not all of them are of TOML: Python refuses a number of thousands of digits by itself.
        locked.refuse(f"The file is not TOML: {error}.")
    except RecursionError:
        locked.refuse("The file nests too deeply. Check that it is the right file.")


def _version(of: dict[str, Any], name: str) -> str:
    """Return the version of a form; empty for what is none, and for a number that is too long to be written."""
    said = of.get(name, "")
    is_short = isinstance(said, str) or (isinstance(said, int) and said.bit_length() <= _BITS)
    return str(said) if is_short else ""


def _rows(of: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = of.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        locked.refuse("Here stands no list of tables.", name)
    return rows


def _table(of: dict[str, Any], name: str) -> dict[str, Any]:
    found = of.get(name, {})
    return found if isinstance(found, dict) else {}


def _of_requirements(text: str) -> Iterator[Locked]:
    for number, line in _joined(text.replace("\r\n", "\n").split("\n")):
        said = _COMMENT.sub("", line).strip()
        # Options of the whole, and files that it includes.
        if said and not said.startswith("-"):
            yield _requirement(said, number)


def _joined(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield each requirement on one line, with the number of its first one."""
    begun, held = 0, ""
    for number, line in enumerate(lines, start=1):
        begun = begun if held else number
        # Behind a comment a stroke continues nothing.
        if line.endswith("\\") and not _COMMENT.search(line):
            held += line.removesuffix("\\") + " "
            continue
        yield begun, held + line
        held = ""
    if held:
        yield begun, held


def _requirement(said: str, number: int) -> Locked:
    hashes = _HASH.findall(said)
    try:
        one = Requirement(_OPTIONS.sub("", _HASH.sub("", said)).strip())
    except (InvalidRequirement, ValueError, RecursionError):
        locked.refuse(f"Line {number} is no requirement: {said[:60]!a}.")
    if one.url:
        hashes += [one.url.rpartition("#")[2]] if "#" in one.url else []
    files, lacks = locked.of_several(hashes)
    exact = [
        spec.version for spec in one.specifier if spec.operator in ("==", "===") and not spec.version.endswith("*")
    ]
    version = exact[0] if len(exact) == 1 else ""
    if not (files or version or one.url):
        lacks = _NOT_FIXED
    return Locked("pypi", canonicalize_name(one.name), version, files, lacks)
