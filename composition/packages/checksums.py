"""Whether an inventory lists a release's own package as another file than the register has on record. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from composition.packages import ecosystems
from vendors.naming.integrity import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """One version of a package, and the digests of the files that are it."""

    ecosystem: str
    name: str
    version: str
    digests: frozenset[Digest]

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what makes two of them the same version of the same package."""
        return self.ecosystem, ecosystems.folded(self.ecosystem, self.name), self.version


@dataclass(frozen=True, slots=True)
class Difference:
    """A package of which an inventory lists only other files than are on record."""

    recorded: Artefact
    listed: Artefact


def differing(recorded: Iterable[Artefact], listed: Iterable[Artefact]) -> list[Difference]:
    """Return where an inventory lists another file, each package once.

    Only digests by one algorithm say anything of each other: without one in common nothing is known. A package has
    several files, of which each side may name some, so that one in common is enough.
    """
    known = {one.key: one for one in recorded}
    found: dict[tuple[str, str, str], Difference] = {}
    for one in listed:
        there = known.get(one.key)
        if there is not None and any(_is_other(mine, its) for mine, its in _by_algorithm(there.digests, one.digests)):
            found.setdefault(one.key, Difference(there, one))
    return list(found.values())


def _by_algorithm(
    one: frozenset[Digest], other: frozenset[Digest]
) -> Iterator[tuple[frozenset[Digest], frozenset[Digest]]]:
    """Yield the digests of both by each algorithm that both have."""
    for algorithm in sorted({digest.algorithm for digest in one} & {digest.algorithm for digest in other}):
        yield tuple(  # type: ignore[misc]
            frozenset(digest for digest in side if digest.algorithm == algorithm) for side in (one, other)
        )


def _is_other(one: frozenset[Digest], other: frozenset[Digest]) -> bool:
    return not one & other
