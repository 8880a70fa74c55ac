"""Compares what is about to be deployed with what an approval is of: match, mismatch or unknown. Pure.

Unknown is never a match: what has no digest on either side, or digests that cannot be compared, was not seen to be the
same. A lock file that allows a file whose digest is not on record is unknown too, since that file may be installed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from packaging.version import Version

from vendors.lockfiles.locked import Files
from vendors.naming.integrity import Digest

# The kind and the name of the captured tools.
TOOLS, TOOLS_LIST = "tools", "tools/list"


class Outcome(StrEnum):
    """What came of a comparison."""

    MATCH = "match"
    UNKNOWN = "unknown"
    MISMATCH = "mismatch"


# The worst of several decides.
_RANK = (Outcome.MATCH, Outcome.UNKNOWN, Outcome.MISMATCH)


@dataclass(frozen=True, slots=True)
class Pin:
    """An artefact that the approval is of: a package by its kind, or the captured tools.

    `digests` are those on record, each of another file of it; `lacks` says why there is none.
    """

    kind: str
    name: str
    version: str
    digests: frozenset[Digest]
    lacks: str = "No digest of it is on record. Record the one that its registry gives, on the page of the release."

    def __str__(self) -> str:
        """Return e.g. "npm @example/weather 1.2.3"."""
        return _label(self.kind, self.name, self.version)


@dataclass(frozen=True, slots=True)
class Offered:
    """What somebody would deploy: an artefact, or an entry of a lock file.

    A file alone has no `name`, and is of whatever pin has its digest; `kind` is empty where its name tells none.
    `where` and `line` say where it stands. `is_all` tells that it is named as an artefact of this server, so that it
    must be one, where a lock file names much else.
    """

    kind: str
    name: str
    version: str
    files: Files
    where: str
    line: int = 0
    lacks: str = ""
    is_all: bool = True

    @property
    def label(self) -> str:
        """Return what it is, in a few words."""
        return _label(self.kind, self.name, self.version) if self.name else self.where

    @property
    def digests(self) -> frozenset[Digest]:
        """Return all its digests."""
        return frozenset().union(*self.files)


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison, and why it ended so; `pin` is None for what the approved release does not have."""

    outcome: Outcome
    words: str
    pin: Pin | None = None
    offered: Offered | None = None


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst of several outcomes; of none, nothing is known."""
    return max(outcomes, key=_RANK.index, default=Outcome.UNKNOWN)


def compare(pins: Sequence[Pin], offered: Sequence[Offered]) -> tuple[Check, ...]:
    """Return at least one check of each pin, and one of each artefact that is of none."""
    of = [(one, _pins_of(one, pins)) for one in offered]
    checks = [check for pin in pins for check in _of_pin(pin, [one for one, mine in of if pin in mine])]
    foreign = [
        Check(Outcome.MISMATCH, "The approved release has no such artefact.", None, one)
        for one, mine in of
        if one.is_all and not mine
    ]
    return (*checks, *foreign)


def _label(kind: str, name: str, version: str) -> str:
    return name if kind == TOOLS else " ".join(part for part in (kind, name, version) if part)


def _of_pin(pin: Pin, mine: Sequence[Offered]) -> Iterator[Check]:
    if not mine:
        yield Check(Outcome.UNKNOWN, "Nothing that was given names it, so that it was compared with nothing.", pin)
    for one in mine:
        yield Check(*_judged(pin, one), pin, one)


def _pins_of(one: Offered, pins: Sequence[Pin]) -> list[Pin]:
    if one.name:
        return [pin for pin in pins if (pin.kind, pin.name) == (one.kind, one.name)]
    same = [pin for pin in pins if pin.digests & one.digests]
    return same or [pin for pin in pins if pin.kind == one.kind]


def _judged(pin: Pin, one: Offered) -> tuple[Outcome, str]:
    if one.version and pin.version and not _is_same_version(pin, one):
        return Outcome.MISMATCH, f"It is {one.version}; approved is {pin.version}."
    if not pin.digests:
        return Outcome.UNKNOWN, pin.lacks
    if not one.files:
        return Outcome.UNKNOWN, one.lacks or "No digest of it was given."
    same = [file for file in one.files if file & pin.digests]
    others = [file for file in one.files if not file & pin.digests]
    if not others:
        return Outcome.MATCH, "Its digest is the one on record."
    if same:
        count = f"{len(others)} other file{'s' if len(others) > 1 else ''}"
        return Outcome.UNKNOWN, f"The digest on record is among them, but {count} may be installed instead."
    return _all_others(pin, others)


def _all_others(pin: Pin, others: Sequence[frozenset[Digest]]) -> tuple[Outcome, str]:
    known = {digest.algorithm for digest in pin.digests}
    if all(known & {digest.algorithm for digest in file} for file in others):
        return Outcome.MISMATCH, f"Its digest is another than the one on record, {_listed(pin.digests)}."
    given = {digest.algorithm for file in others for digest in file}
    return Outcome.UNKNOWN, f"On record is {_listed(known)}, given is {_listed(given)}: they cannot be compared."


def _listed(parts: Iterable[object]) -> str:
    return ", ".join(sorted(str(part) for part in parts))


def _is_same_version(pin: Pin, one: Offered) -> bool:
    if pin.kind != "pypi":
        return pin.version == one.version
    try:
        return Version(pin.version) == Version(one.version)
    except ValueError:
        # What is no version, and one with a number that is too long to be read.
        return pin.version == one.version
