"""How versions of an ecosystem compare: the key of a version, by the ecosystem's own rules."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from composition.packages import ecosystems
from composition.versions import alpine, debian, maven, numbers, packagist, pypi, redhat, rubygems, semver
from composition.versions.keys import LONGEST, EcosystemIncomparable, Key, VersionUnreadable

_KEYS: Mapping[Callable[[str], Key], tuple[str, ...]] = {
    semver.key: (
        "npm", "Go", "crates.io", "Hex", "SwiftURL", "GitHub Actions", "Bitnami", "ConanCenter", "VSCode", "Kubernetes",
    ),
    semver.with_build: ("Pub", "Julia"),
    semver.nuget: ("NuGet",),
    pypi.key: ("PyPI",),
    maven.key: ("Maven",),
    rubygems.key: ("RubyGems",),
    packagist.key: ("Packagist",),
    debian.key: ("Debian", "Ubuntu", "Echo", "opam"),
    alpine.key: ("Alpine", "Alpaquita", "BellSoft Hardened Containers", "Chainguard", "MinimOS", "Wolfi"),
    redhat.key: (
        "Red Hat", "AlmaLinux", "Rocky Linux", "SUSE", "openSUSE", "Mageia", "openEuler", "Azure Linux", "Photon OS",
    ),
    numbers.key: ("CRAN", "Bioconductor", "Hackage"),
}  # fmt: skip
# An inventory repeats its versions, and advisories do. Of 300 bytes each, a kind of version keeps 20 MB at most.
_REMEMBERED = 65_536


def _remembered(read: Callable[[str], Key]) -> Callable[[str], Key]:
    """Return what makes keys of versions that are as long as versions are, and knows the last ones again."""

    @lru_cache(maxsize=_REMEMBERED)
    def remembered(version: str) -> Key:
        if not 0 < len(version) <= LONGEST:
            raise VersionUnreadable(version, "any ecosystem")
        return read(version)

    return remembered


_BY_ECOSYSTEM = {
    name: remembered
    for remembered, names in [(_remembered(read), names) for read, names in _KEYS.items()]
    for name in names
}


def key(ecosystem: str, version: str) -> Key:
    """Return the key of a version. Raises VersionUnreadable, EcosystemIncomparable.

    `ecosystem` is as OSV names it, with or without a release.
    """
    return reader(ecosystem)(version)


def reader(ecosystem: str) -> Callable[[str], Key]:
    """Return what makes keys of an ecosystem's versions, as `key` does. Raises EcosystemIncomparable."""
    try:
        return _BY_ECOSYSTEM[ecosystems.split(ecosystem)[0]]
    except KeyError:
        raise EcosystemIncomparable(ecosystem) from None


def is_comparable(ecosystem: str) -> bool:
    """Return whether versions of an ecosystem can be compared here."""
    return ecosystems.split(ecosystem)[0] in _BY_ECOSYSTEM


def compare(ecosystem: str, one: str, other: str) -> int:
    """Return -1, 0 or 1: the first version is below, equal to or above the second.

    Raises VersionUnreadable, EcosystemIncomparable.
    """
    first, second = key(ecosystem, one), key(ecosystem, other)
    return (first > second) - (first < second)
