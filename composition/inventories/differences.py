"""What changed between two inventories of one thing: packages that came, went, or are there in another version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from composition.listing import Listed, Listing
from composition.packages import purls


@dataclass(frozen=True, slots=True)
class Change:
    """A package that is in both inventories, and not the same: its versions, and its licences, before and after."""

    ecosystem: str
    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    licences_before: tuple[str, ...]
    licences_after: tuple[str, ...]

    @property
    def is_of_version(self) -> bool:
        """Return whether another version is there, or one more or less."""
        return self.before != self.after

    @property
    def is_of_licence(self) -> bool:
        """Return whether its makers declare other licences."""
        return self.licences_before != self.licences_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """What changed, each in the order of ecosystems and names; `same` counts the packages that did not."""

    added: tuple[Listed, ...]
    removed: tuple[Listed, ...]
    changed: tuple[Change, ...]
    same: int

    def __bool__(self) -> bool:
        """Return whether anything changed."""
        return bool(self.added or self.removed or self.changed)


def between(before: Listing, after: Listing) -> Differences:
    """Return what changed from one inventory to the other.

    A package is the same by its ecosystem and name, wherever it stands and however often: the versions in which it is
    there are compared as a whole. References, paths and checksums say nothing here.
    """
    old, new = _by_package(before.components), _by_package(after.components)
    both = [(key, _change(key, old[key], new[key])) for key in sorted(old.keys() & new.keys())]
    changed = tuple(change for _, change in both if change.is_of_version or change.is_of_licence)
    return Differences(
        added=tuple(one for key in sorted(new.keys() - old.keys()) for one in new[key].values()),
        removed=tuple(one for key in sorted(old.keys() - new.keys()) for one in old[key].values()),
        changed=changed,
        same=len(both) - len(changed),
    )


Key = tuple[str, str]


def _by_package(components: Iterable[Listed]) -> dict[Key, dict[str, Listed]]:
    """Return the components of each package by their versions, of several of one version the first."""
    found: dict[Key, dict[str, Listed]] = {}
    for one in sorted(components, key=lambda one: one.version):
        found.setdefault(_key(one), {}).setdefault(one.version, one)
    return found


def _key(one: Listed) -> Key:
    # Where OSV knows no ecosystem the package URL tells a container image from a library of the same name.
    kind = one.ecosystem or (f"pkg:{purls.read(one.purl).type}" if one.purl else "")
    return kind, one.name


def _change(key: Key, old: Mapping[str, Listed], new: Mapping[str, Listed]) -> Change:
    ecosystem = next(iter(new.values())).ecosystem
    return Change(ecosystem, key[1], tuple(old), tuple(new), _licences(old), _licences(new))


def _licences(versions: Mapping[str, Listed]) -> tuple[str, ...]:
    return tuple(sorted({licence for one in versions.values() for licence in one.licences}))
