"""Whether a version is in a range, as OSV's specification evaluates it. Pure.

https://ossf.github.io/osv-schema/#evaluation
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from composition.advisories.osv import Range
from composition.versions.keys import Key

# "0" is before every version, and no key is below the empty one.
_BEFORE_ALL: Key = ()
_FIRST = "0"
_NO_LIMIT = "*"
_ENDS = {"fixed": "before", "last_affected": "up to"}
_LONGEST_SHOWN = 60


class Bound(NamedTuple):
    """An event of a range with the key of its version."""

    key: Key
    kind: str
    version: str


@dataclass(frozen=True, slots=True)
class Span:
    """A range whose versions were read: its events in the order of their versions, and its limits."""

    bounds: tuple[Bound, ...]
    limits: tuple[Key, ...] = ()
    is_unlimited: bool = True

    def holds(self, key: Key) -> bool:
        """Return whether a version is in it."""
        if not self.is_unlimited and not any(key < limit for limit in self.limits):
            return False
        inside = False
        for bound in self.bounds:
            if key < bound.key:
                break
            if bound.kind == "introduced":
                inside = True
            elif bound.kind == "fixed" or key > bound.key:
                inside = False
        return inside

    def fixes(self) -> Iterator[Bound]:
        """Yield the events that say where it is mended, the lowest version first."""
        return (bound for bound in self.bounds if bound.kind == "fixed")

    def words(self, key: Key) -> str:
        """Return for a version inside it the part that it is in, e.g. "from 1.0 and before 1.3"."""
        begins = [bound for bound in self.bounds if bound.kind == "introduced" and not key < bound.key]
        ends = [bound for bound in self.bounds if bound.kind != "introduced" and not bound.key < key]
        start = "" if begins[-1].key == _BEFORE_ALL else f"from {begins[-1].version[:_LONGEST_SHOWN]}"
        end = "" if not ends else f"{_ENDS[ends[0].kind]} {ends[0].version[:_LONGEST_SHOWN]}"
        return " and ".join(filter(None, (start, end))) or "any version"


def is_whole(affected_range: Range) -> bool:
    """Return whether a range is of every version that there is or will be."""
    return all(event.kind == "introduced" for event in affected_range.events) and any(
        event.version == _FIRST for event in affected_range.events
    )


def span(affected_range: Range, read: Callable[[str], Key]) -> Span:
    """Return a range with its versions read by `read`, which may raise VersionUnreadable."""
    bounds = [
        Bound(_BEFORE_ALL if version == _FIRST else read(version), kind, version)
        for kind, version in affected_range.events
        if kind != "limit"
    ]
    # Stable: of two events at one version the later one in the record decides.
    bounds.sort(key=lambda bound: bound.key)
    limits = [version for kind, version in affected_range.events if kind == "limit"]
    return Span(
        tuple(bounds),
        tuple(read(limit) for limit in limits if limit != _NO_LIMIT),
        is_unlimited=not limits or _NO_LIMIT in limits,
    )
