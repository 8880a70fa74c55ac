"""Advisories in memory, by the packages that they are of: what hits a version of a package, told without a database."""

from collections.abc import Iterator
from sys import intern
from typing import NamedTuple

from composition.advisories.osv import Record
from composition.comparison import matching
from composition.comparison.matching import Entry, Outcome, Verdict
from composition.packages import ecosystems

_Package = tuple[str, str]


class Found(NamedTuple):
    """An advisory that hits a version of a package, or may: its id, what it says of the package, and the verdict."""

    id: str
    entry: Entry
    verdict: Verdict


class Index:
    """What advisories say of packages, by ecosystem and name."""

    def __init__(self) -> None:
        """Begin without advisories."""
        self._entries: dict[_Package, list[tuple[str, Entry]]] = {}
        self._packages: dict[str, tuple[_Package, ...]] = {}

    def __len__(self) -> int:
        """Return how many advisories it holds."""
        return len(self._packages)

    def __contains__(self, name: object) -> bool:
        """Return whether it holds the advisory of an id."""
        return name in self._packages

    def put(self, record: Record) -> None:
        """Take an advisory in, in place of what it said before; one that was withdrawn is only taken out."""
        self.remove(record.id)
        if record.withdrawn:
            return
        packages = []
        for affected in record.affected:
            if not affected.ecosystem:
                continue
            package = (intern(ecosystems.split(affected.ecosystem)[0]), affected.folded)
            entry = Entry(
                affected.ecosystem,
                ranges=affected.ranges,
                # Each advisory of a package lists the same versions.
                versions=tuple(intern(version) for version in affected.versions),
                is_malicious=record.is_malicious,
            )
            self._entries.setdefault(package, []).append((record.id, entry))
            packages.append(package)
        self._packages[record.id] = tuple(packages)

    def remove(self, name: str) -> None:
        """Take the advisory of an id out, if it is there."""
        for package in dict.fromkeys(self._packages.pop(name, ())):
            left = [entry for entry in self._entries[package] if entry[0] != name]
            if left:
                self._entries[package] = left
            else:
                del self._entries[package]

    def find(self, ecosystem: str, name: str, version: str) -> Iterator[Found]:
        """Yield what hits a version of a package, or may; what does not is left out.

        `ecosystem` and `name` are as OSV has them. An empty version is one that is not known. For an ecosystem that OSV
        does not know nothing is found, which says nothing of the package.
        """
        base, release = ecosystems.split(ecosystem)
        for of, entry in self._entries.get((base, ecosystems.folded(base, name)), ()):
            verdict = matching.judge_of_release(entry, version, release=release)
            if verdict.outcome is not Outcome.NOT_AFFECTED:
                yield Found(of, entry, verdict)
