"""What a lock file says of a package."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from vendors.naming import integrity
from vendors.naming.integrity import Digest
from vendors.strict_json import DocumentInvalid, Problem

_DIGITS = 20

# Each file that may be installed, by its digests.
Files = tuple[frozenset[Digest], ...]

NONE_KEPT = "The lock file has no digest of it."
A_FOLDER = "It is a folder beside the lock file, of which there is no digest."
FROM_GIT = "It comes from git, of which the lock file has no digest of a file."
BROKEN = "The lock file has a digest of it only by an algorithm that proves nothing any more."
NO_FORM = "What the lock file has as its digest is none."


class LockFileInvalid(DocumentInvalid):
    """The text is no lock file of the form that its name says."""


@dataclass(frozen=True, slots=True)
class Locked:
    """A package that a lock file fixes; `kind` is `npm`, `pypi`, `golang` or `cargo`, as in a purl.

    `files` are those that it allows to be installed, `lacks` says why there is none whose digest is known. `version` is
    empty where it names none. `is_own`: it is the project itself, or lies in a folder beside the lock file.
    `is_development`: only who develops the project needs it, as far as the file says. `ref` is where it stands in the
    file, once: other packages are needed by it.
    """

    kind: str
    name: str
    version: str
    files: Files = ()
    lacks: str = ""
    licences: tuple[str, ...] = ()
    is_own: bool = False
    is_development: bool = False
    ref: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a project needs itself, and what each package needs, by the refs of the packages.

    `roots` are all that the project needs itself; where `has_all_roots` is not set the file does not say them, and they
    are those that no other needs: others may be among what it needs itself too. `development_roots` are what only its
    developers need. A ref may be of the project itself.
    """

    requires: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    roots: tuple[str, ...] = ()
    development_roots: tuple[str, ...] = ()
    has_all_roots: bool = False

    def development(self) -> frozenset[str]:
        """Return the refs to which only what developers need leads."""
        return frozenset(self._reached(self.development_roots) - self._reached(self.roots))

    def _reached(self, roots: Iterable[str]) -> set[str]:
        found = set(roots)
        waiting = list(found)
        while waiting:
            new = set(self.requires.get(waiting.pop(), ())) - found
            found |= new
            waiting += new
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What the text of a lock file says: its form in words, and what it fixes, in its order.

    `project` is what it is the lock file of, if it says so; it may be among the packages. `remarks` are what a reader
    should know. Where `tells_development` is not set, packages that only developers need are not told from the others.
    """

    form: str
    packages: tuple[Locked, ...]
    needs: Needs = field(default_factory=Needs)
    project: Locked | None = None
    tells_development: bool = False
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LockFile:
    """A lock file that was read: its name, and what it says."""

    name: str
    contents: Contents
    text: str

    @property
    def form(self) -> str:
        """Return what it is, in words."""
        return self.contents.form

    @property
    def packages(self) -> tuple[Locked, ...]:
        """Return what it fixes."""
        return self.contents.packages

    def line_of(self, package: str) -> int:
        """Return the number of the first line that names a package, 1 where none does."""
        # PyPI takes these three characters for the same.
        written = re.sub(r"[-_.]+", "[-_.]+", re.escape(package).replace(r"\-", "-").replace(r"\.", "."))
        found = re.search(rf"(?<![\w@.-]){written}(?![\w-])", self.text, re.IGNORECASE)
        return self.text.count("\n", 0, found.start()) + 1 if found else 1


def of_one_file(value: Any) -> tuple[Files, str]:
    """Return the files that the digest of an npm package allows, or why none is known."""
    digests, lacks = _read(value)
    return tuple(frozenset({one}) for one in sorted(integrity.strongest(digests))), lacks


def of_several(values: Iterable[Any]) -> tuple[Files, str]:
    """Return the files that digests allow of which each is of another file, or why none is known."""
    read = [_read(one) for one in values]
    files = tuple(frozenset({digest}) for digests, _lacks in read for digest in sorted(digests))
    lacks = next((words for _digests, words in read if words), NONE_KEPT)
    return files, "" if files else lacks


def newer(version: str, *, known: int) -> tuple[str, ...]:
    """Return a remark on a form of a later version than the last one that is known, none for others."""
    major = version.partition(".")[0]
    if not (major.isdecimal() and len(major) <= _DIGITS and int(major) > known):
        return ()
    return (
        f"The file is of version {version[:_DIGITS]} of its form; known is {known}. It may say more than was read.",
    )


def refuse(message: str, path: str = "") -> NoReturn:
    """Raise LockFileInvalid."""
    raise LockFileInvalid([Problem(path, message)])


def _read(value: Any) -> tuple[frozenset[Digest], str]:
    if not value:
        return frozenset(), NONE_KEPT
    found: set[Digest] = set()
    lacks = NO_FORM
    for part in str(value).split():
        try:
            found |= integrity.read(part)
        except integrity.BrokenAlgorithm:
            lacks = BROKEN
        except integrity.WrongForm:
            continue
    return frozenset(found), "" if found else lacks
