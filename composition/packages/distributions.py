"""Distributions of Linux: how OSV names them and their releases, and how package URLs do. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass

DEBIAN_RELEASES = {
    "buzz": "1.1", "rex": "1.2", "bo": "1.3", "hamm": "2.0", "slink": "2.1", "potato": "2.2",
    "woody": "3.0", "sarge": "3.1", "etch": "4", "lenny": "5", "squeeze": "6", "wheezy": "7", "jessie": "8",
    "stretch": "9", "buster": "10", "bullseye": "11", "bookworm": "12", "trixie": "13", "forky": "14", "duke": "15",
}  # fmt: skip
UBUNTU_RELEASES = {
    "trusty": "14.04", "xenial": "16.04", "bionic": "18.04", "focal": "20.04", "jammy": "22.04", "lunar": "23.04",
    "mantic": "23.10", "noble": "24.04", "oracular": "24.10", "plucky": "25.04", "questing": "25.10",
}  # fmt: skip
_NUMBER = re.compile(r"\d+(?:\.\d+)*")


def _plain(release: str) -> str:
    return release


def _number(release: str) -> str:
    found = _NUMBER.search(release)
    return found[0] if found else ""


def _major(release: str) -> str:
    return _number(release).split(".")[0]


def _minor(release: str) -> str:
    """Return two parts of a number: a release of Alpine is 3.15, 3.15.4 is one of its media."""
    return ".".join(_number(release).split(".")[:2])


def _debian(release: str) -> str:
    return DEBIAN_RELEASES.get(release) or _major(release)


def _ubuntu(release: str) -> str:
    number = UBUNTU_RELEASES.get(release) or _minor(release)
    year, _, month = number.partition(".")
    # Every second April is supported for long.
    return f"{number}:LTS" if month == "04" and int(year) % 2 == 0 else number


def _alpine(release: str) -> str:
    return release if release == "edge" else f"v{_minor(release)}" if _number(release) else ""


def _red_hat(release: str) -> str:
    return f"enterprise_linux:{_major(release)}" if _number(release) else ""


def _suse(release: str) -> str:
    major, _, pack = _minor(release).partition(".")
    return f"Linux Enterprise Server {major}" + (f" SP{pack}" if pack not in {"", "0"} else "") if major else ""


def _open_suse(release: str) -> str:
    return "Tumbleweed" if "tumbleweed" in release else f"Leap {_minor(release)}" if _number(release) else ""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution of Linux.

    `namespaces` are those that its package URLs are found under, the first is written; `prefix` stands before the
    number in the qualifier `distro`. `release` returns a release as OSV writes it of what follows the prefix.
    `by_source`: its advisories name source packages.
    """

    name: str
    purl_type: str
    namespaces: tuple[str, ...]
    prefix: str
    release: Callable[[str], str] = _plain
    by_source: bool = False


DISTRIBUTIONS = (
    Distribution("Debian", "deb", ("debian",), "debian", _debian, by_source=True),
    Distribution("Ubuntu", "deb", ("ubuntu",), "ubuntu", _ubuntu, by_source=True),
    Distribution("Echo", "deb", ("echo",), "echo", lambda release: "", by_source=True),
    Distribution("Alpine", "apk", ("alpine",), "alpine", _alpine, by_source=True),
    Distribution("Alpaquita", "apk", ("alpaquita",), "alpaquita", by_source=True),
    Distribution("Chainguard", "apk", ("chainguard",), "chainguard", lambda release: "", by_source=True),
    Distribution("MinimOS", "apk", ("minimos",), "minimos", lambda release: "", by_source=True),
    Distribution("Wolfi", "apk", ("wolfi",), "wolfi", lambda release: "", by_source=True),
    Distribution("Red Hat", "rpm", ("redhat", "rhel"), "rhel", _red_hat),
    Distribution("Rocky Linux", "rpm", ("rocky-linux", "rocky", "rockylinux"), "rocky", _major),
    Distribution("AlmaLinux", "rpm", ("almalinux", "alma"), "almalinux", _major),
    Distribution("openSUSE", "rpm", ("opensuse",), "opensuse", _open_suse),
    Distribution("SUSE", "rpm", ("suse", "sles"), "sles", _suse),
    Distribution("Mageia", "rpm", ("mageia",), "mageia", _major),
    Distribution("openEuler", "rpm", ("openeuler",), "openeuler"),
    Distribution("Azure Linux", "rpm", ("azurelinux", "mariner"), "azurelinux", _major),
    Distribution("Photon OS", "rpm", ("photon",), "photon", _minor),
)
BY_NAME = {distribution.name: distribution for distribution in DISTRIBUTIONS}
BY_NAMESPACE = {
    (distribution.purl_type, namespace): distribution
    for distribution in DISTRIBUTIONS
    for namespace in distribution.namespaces
}


def ecosystem_of(distribution: Distribution, distro: str) -> str:
    """Return a distribution's ecosystem, with its release where the qualifier `distro` names one: "Debian:12"."""
    stated_release = distro.strip()
    for prefix in (*distribution.namespaces, distribution.prefix, "redhat", "opensuse-leap"):
        if stated_release.lower().startswith(f"{prefix}-"):
            stated_release = stated_release[len(prefix) + 1 :]
            break
    release = distribution.release(stated_release if distribution.release is _plain else stated_release.lower())
    return f"{distribution.name}:{release}" if release else distribution.name


def distro_of(distribution: Distribution, release: str) -> str:
    """Return the qualifier `distro` that says a release, so that `ecosystem_of` reads it again; empty for none."""
    if not release:
        return ""
    if distribution.name in {"openEuler", "Alpaquita"}:
        return f"{distribution.prefix}-{release}"
    if distribution.name == "SUSE":
        return f"sles-{'.'.join(re.findall(r'[0-9]+', release))}"
    if distribution.name == "Red Hat":
        # The name of the product, its number, and the part of it: enterprise_linux:8::baseos.
        return f"rhel-{_number(release.partition(':')[2])}"
    return f"{distribution.prefix}-{_number(release) or release.lower()}"
