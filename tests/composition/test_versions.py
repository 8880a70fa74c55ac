"""Versions: each ecosystem's own order, and what cannot be read."""

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from composition.packages import ecosystems
from composition.versions import comparing, pypi
from composition.versions.keys import EcosystemIncomparable, VersionUnreadable
from tests.composition import shared
from tests.tables import for_each

# Ascending; what stands together with "=" is one version. Each from the ecosystem's own documentation, or from what it
# is known for.
ORDERS = {
    "npm": "0.9.9 < 1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-alpha.beta < 1.0.0-beta < 1.0.0-beta.2 < 1.0.0-beta.11"
    " < 1.0.0-rc.1 < 1.0.0 = v1.0.0 = 1 = 1.0 = 1.0.0+build < 1.0.0.1 < 1.2.3beta < 1.2.3 < 1.10.0",
    "Go": "0.0.0-20190101000000-abcdef012345 < 0.0.0 < 1.9.0 < v1.10.0 = 1.10.0+incompatible < 2.0.0-rc.1",
    "Pub": "1.0.0-dev < 1.0.0 < 1.0.0+1 < 1.0.0+2 < 1.0.1",
    "NuGet": "1.0.0-alpha < 1.0.0-Beta = 1.0.0-BETA < 1.0.0 = 1.0 = 1.0.0.0 < 1.0.0.1 < 1.0.1",
    "PyPI": "trunk < 1.0.dev0 < 1.0a1.dev1 < 1.0a1 = 1.0-ALPHA.1 < 1.0b1 < 1.0rc1 = 1.0c1 = 1.0.pre1 < 1.0 = 1.0.0"
    " = v1.0 < 1.0+local < 1.0+local.0 < 1.0+1 < 1.0.post1.dev1 < 1.0.post1 = 1.0-1 = 1.0.r1 < 1.0.1 < 2013.1 < 1!0.1",
    "Maven": "1.0-alpha-1 = 1a1 < 1.0-beta-1 < 1.0-milestone-1 = 1m1 < 1.0-rc1 = 1.0-CR1 < 1.0-SNAPSHOT < 1 = 1.0"
    " = 1.ga = 1-final = 1.0.RELEASE < 1-sp < 1-abc < 1-xyz < 1-1 < 1.1 < 1.1.0.1",
    "RubyGems": "0 < 1.0.a < 1.0.a.2 < 1.0.b1 < 1.0.0-rc1 = 1.0.0.pre.rc.1 < 1 = 1.0 = 1.0.0 < 1.0.1.pre"
    " < 1.0.1 < 1.10",
    "Packagist": "1.0-foo = 1.0-xyz < 1.0-dev < 1.0-alpha1 = 1.0a1 < 1.0-beta1 < 1.0-RC1 = v1.0rc1 < 1.0"
    " < 1.0-p1 = 1.0pl1 < 1.1 < 6.3.0.0 < 6.3.0.1 < 10",
    "Debian:12": "1.0~~ < 1.0~~a < 1.0~ < 1.0~rc1-1 < 1.0-0 = 1.0 < 1.0-1 < 1.0-1+b1 < 1.0a < 1.0+dfsg < 1.0.1"
    " < 9 < 10 < 1:0.1 < 1:0.1-1",
    "Alpine:v3.20": "1.2_alpha < 1.2_alpha1 < 1.2_rc2 < 1.2 < 1.2-r0 < 1.2-r1 < 1.2_p1 < 1.2a < 1.2.01 < 1.2.1 < 1.2.9"
    " < 1.2.10 < 1.10",
    "Rocky Linux:9": "a+ = a_ = _a < 1.α = 1 = 1_ < 2_0 = 2.0 < 2.0.1 < 2.0.10xyz < 2.0.10.1xyz",
    "Red Hat:enterprise_linux:8": "1.0~rc1-1 < 1.0 < 1.0-1 < 1.0-1.el8 < 1.0-1.el8_4 < 1.0-2 < 1.0^git1-1 < 1.0a-1"
    " < 1.0.1-1 < 1.0.10-1 = 1.0.010-1 < 1:0.1-1",
    "CRAN": "1.0 < 1.0.0 < 1.0-1 = 1.0.1 < 1.2 < 1.10",
}  # fmt: skip
UNREADABLE = [
    ("npm", "latest"), ("npm", "1.x"), ("npm", "1.2.3-"), ("npm", "git+https://example.com/a.git"), ("npm", ""),
    ("npm", "; rm -rf /"), ("npm", "1.0.0; rm -rf /"), ("npm", "1.0.0\n"), ("npm", "１.0.0"), ("npm", "1" * 256),
    ("PyPI", "; rm -rf /"), ("PyPI", "$(id)"), ("PyPI", "1.0 beta"), ("PyPI", "..."), ("PyPI", "१.0"),
    ("PyPI", "9" * 5_000),
    ("Maven", "LATEST"), ("Maven", "${project.version}"), ("Maven", "[1.0,2.0)"), ("Maven", "; rm -rf /"),
    ("RubyGems", "a1"), ("RubyGems", "1..2"), ("RubyGems", "; rm -rf /"), ("RubyGems", "1.0\n"),
    ("Packagist", "dev-main"), ("Packagist", "1.x-dev"), ("Packagist", "; rm -rf /"),
    ("NuGet", "1.0.*"), ("Debian:12", "unstable"), ("Debian:12", "1.0; rm"), ("Alpine:v3.20", "1.2_foo"),
    ("Alpine:v3.20", "1.2-r"), ("Red Hat:8", "; rm -rf /"), ("CRAN", "1.0a"),
]  # fmt: skip
FILES = [("npm", "semver", 86), ("PyPI", "pypi", 37), ("Maven", "maven", 102)]
SIGNS = {"<": -1, "=": 0, ">": 1}


def _groups(order: str) -> list[list[str]]:
    return [group.split(" = ") for group in order.split(" < ")]


@for_each("ecosystem, order", ORDERS.items(), ids=lambda row: row[0])
def test_versions_are_in_the_order_of_their_ecosystem(ecosystem: str, order: str):
    groups = _groups(order)
    for below, above in pairwise(groups):
        for one in below:
            for other in above:
                assert comparing.compare(ecosystem, one, other) == -1, f"{one} < {other}"
                assert comparing.compare(ecosystem, other, one) == 1, f"{other} > {one}"
    for same in groups:
        assert {comparing.compare(ecosystem, same[0], other) for other in same} == {0}, same


@for_each("ecosystem, order", ORDERS.items(), ids=lambda row: row[0])
def test_keys_sort_any_shuffled_list(ecosystem: str, order: str):
    ascending = [same[0] for same in _groups(order)]
    shuffled = random.Random(1).sample(ascending, len(ascending))
    assert sorted(shuffled, key=lambda version: comparing.key(ecosystem, version)) == ascending


@for_each("ecosystem, version", UNREADABLE)
def test_what_is_no_version_is_refused(ecosystem: str, version: str):
    with pytest.raises(VersionUnreadable, match=r"is no version as .+ writes them\.$") as refused:
        comparing.key(ecosystem, version)
    assert len(str(refused.value)) < 130


def test_versions_of_an_ecosystem_without_an_order_are_not_compared():
    with pytest.raises(EcosystemIncomparable, match=r"How versions of 'OSS-Fuzz' compare is not known here\."):
        comparing.key("OSS-Fuzz", "1.0")
    assert not comparing.is_comparable("")


def test_every_language_that_has_package_urls_can_be_compared():
    assert [name for name in ecosystems.BY_NAME if not comparing.is_comparable(name)] == []


@for_each("ecosystem, file, count", FILES)
@shared.needs("semantic")
def test_every_comparison_of_the_reference_agrees_both_ways(ecosystem: str, file: str, count: int):
    text = (shared.ROOT / f"semantic/{file}-versions.txt").read_text()
    lines = [line.split() for line in text.splitlines() if line and not line.startswith(("//", "#"))]
    assert len(lines) == count
    for one, sign, other in lines:
        assert comparing.compare(ecosystem, one, other) == SIGNS[sign], (one, sign, other)
        assert comparing.compare(ecosystem, other, one) == -SIGNS[sign], (one, sign, other)


PEP_440 = (
    ("", "", "1!"), ("0", "1", "2", "1.0", "1.0.0", "1.2", "1.10.1"),
    ("", "", "a", "b1", "rc2", ".alpha.1", "-preview"),
    ("", "", ".post", ".post2", "-1", "r3"), ("", "", ".dev", ".dev2"), ("", "", "+a", "+a.1", "+1", "+1.b"),
)  # fmt: skip


def test_python_s_own_library_agrees_on_pep_440():
    chance = random.Random(440)
    for _ in range(4_000):
        one, other = ("".join(map(chance.choice, PEP_440)) for _ in range(2))
        first, second = Version(one), Version(other)
        assert comparing.compare("PyPI", one, other) == (first > second) - (first < second), (one, other)


@given(st.sampled_from(sorted(ORDERS)), st.lists(st.text("0129.-_~+^:abrcpdev", max_size=12), min_size=2, max_size=4))
def test_whatever_can_be_read_can_be_compared_with_all_else(ecosystem: str, versions: list[str]):
    keys = []
    for version in versions:
        try:
            keys.append(comparing.key(ecosystem, version))
        except VersionUnreadable:
            continue
    for one in keys:
        for other in keys:
            assert (one < other) + (one == other) + (one > other) == 1


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str):
    for ecosystem in ORDERS:
        try:
            comparing.key(ecosystem, text)
        except VersionUnreadable:
            continue


def test_a_version_older_than_pep_440_is_known_as_such():
    assert pypi.is_legacy(comparing.key("PyPI", "2004d-x"))
    assert not pypi.is_legacy(comparing.key("PyPI", "0.0.dev0"))


@for_each("ecosystem", sorted(ORDERS))
def test_the_worst_version_is_refused_or_read_at_once(ecosystem: str):
    began = time.process_time()
    for version in ("1" * 255, "1." * 127 + "x!", "1-" * 127 + "!", "a" * 254 + "!", "1~" * 127 + "!", "0" * 254 + "a"):
        try:
            comparing.key(ecosystem, version)
        except VersionUnreadable:
            continue
    # Each takes some microseconds; a pattern that goes back and forth would take minutes.
    assert time.process_time() - began < 2
