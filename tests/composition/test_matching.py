"""What an advisory says of a version: the rules of OSV, what is unknown, and what is to be verified."""

from typing import Any

import pytest

from composition.advisories import osv
from composition.comparison import matching
from composition.comparison.matching import Entry, Outcome, Verdict
from tests.composition import specification
from tests.tables import for_each

AFFECTED, VERIFY, UNKNOWN, FREE = Outcome.AFFECTED, Outcome.VERIFY, Outcome.UNKNOWN, Outcome.NOT_AFFECTED
GIT = {"type": "GIT", "repo": "https://example.com/a", "events": [{"introduced": "0"}, {"fixed": "0a1b2c"}]}
WHOLE = {"type": "SEMVER", "events": [{"introduced": "0"}]}


def events(*stated: str, kind: str = "ECOSYSTEM") -> dict[str, Any]:
    """Return a range of events as "introduced 1.0"."""
    return {"type": kind, "events": [dict([one.split(" ")]) for one in stated]}


TWO = events("introduced 1.0", "fixed 1.5", "introduced 2.0", "last_affected 2.3")
# Ecosystem, ranges, versions, then versions and what is said of each.
RULES: list[tuple[str, list[dict[str, Any]], list[str], dict[str, Outcome]]] = [
    ("PyPI", [TWO], [], {"0.9": FREE, "1.0": AFFECTED, "1.4.9": AFFECTED, "1.5": FREE, "1.5rc1": AFFECTED,
     "2.0": AFFECTED, "2.3": AFFECTED, "2.3.0": AFFECTED, "2.3.1": FREE}),
    # The order in which events are written does not matter.
    ("npm", [events("fixed 1.5.0", "introduced 0", kind="SEMVER")], [],
     {"0.0.0-a": AFFECTED, "1.4.9": AFFECTED, "1.5.0": FREE}),
    ("npm", [events("fixed 2.0.0", "introduced 2.0.0", "introduced 0")], [], {"2.0.0": AFFECTED}),
    ("npm", [events("introduced 2.0.0", "fixed 2.0.0")], [], {"1.9.0": FREE, "2.0.0": FREE}),
    # Every block of ranges counts, also behind commits; and a version that is listed, whatever the ranges say.
    ("npm", [events("introduced 1.0.0", "fixed 1.1.0"), events("introduced 3.0.0")], ["0.5.0"],
     {"0.5.0": AFFECTED, "0.5.1": FREE, "1.0.5": AFFECTED, "2.0.0": FREE, "9.0.0": AFFECTED}),
    ("PyPI", [GIT, TWO], [], {"1.2": AFFECTED, "1.6": FREE}),
    # A limit: what is not before one is not spoken of.
    ("npm", [events("introduced 0", "limit 2.0.0")], [], {"1.9.9": AFFECTED, "2.0.0": FREE, "3.0.0": FREE}),
    ("npm", [events("introduced 0", "limit 2.0.0", "limit *")], [], {"3.0.0": AFFECTED}),
    # Only commits: unknown, unless versions are listed.
    ("PyPI", [GIT], [], {"1.2": UNKNOWN}),
    ("PyPI", [GIT], ["1.2"], {"1.2": AFFECTED, "1.2.0": AFFECTED, "1.3": FREE}),
    ("PyPI", [], [], {"1.2": UNKNOWN}),
    # A version in another spelling is the same version.
    ("PyPI", [], ["1.0"], {"1.0.0": AFFECTED, "1.0.1": FREE}),
    # What cannot be read is unknown, on either side; a range that can be read still counts.
    ("npm", [TWO], [], {"": UNKNOWN, "latest": UNKNOWN, "; rm -rf /": UNKNOWN, "1" * 300: UNKNOWN}),
    ("npm", [events("introduced nonsense"), events("introduced 0", "fixed 1.0.0")], [],
     {"0.9.0": AFFECTED, "1.0.0": UNKNOWN}),
    ("npm", [events("introduced 0", "fixed 1.0.0"), events("introduced 0", kind="NEW")], [],
     {"0.9.0": AFFECTED, "1.0.0": UNKNOWN}),
    ("PyPI", [events("introduced 1.0")], [], {"trunk": UNKNOWN, "1.0": AFFECTED}),
    ("OSS-Fuzz", [events("introduced 1.0")], ["2.0"], {"1.0": UNKNOWN, "2.0": AFFECTED}),
    ("OSS-Fuzz", [events("introduced 1.0.0", kind="SEMVER")], [], {"1.0.0": AFFECTED, "0.1.0": FREE}),
]  # fmt: skip
MALICIOUS: list[tuple[list[dict[str, Any]], list[str], dict[str, Outcome]]] = [
    # Only versions: confirmed where listed.
    ([], ["1.2.3"], {"1.2.3": AFFECTED, "1.2.4": FREE, "": UNKNOWN}),
    # The whole package: the name is taken, the version never looked at.
    ([WHOLE], [], {"1.2.3": VERIFY, "": VERIFY, "latest": VERIFY}),
    ([WHOLE], ["999.9.9"], {"999.9.9": AFFECTED, "1.2.3": VERIFY}),
    # A part of the versions is a statement of its own.
    ([events("introduced 1.95.6", "fixed 1.95.8")], [], {"1.95.5": FREE, "1.95.6": AFFECTED, "1.95.8": FREE}),
    ([events("introduced 1.95.6")], [], {"1.95.5": FREE, "2.0.0": AFFECTED}),
    ([WHOLE, events("introduced 1.0.0", "fixed 2.0.0")], [], {"0.5.0": VERIFY, "1.5.0": AFFECTED, "": VERIFY}),
]
FIXES = [
    ([events("introduced 0", "fixed 1.5.0")], [], "1.2.0", "1.5.0"),
    ([TWO], [], "1.2.0", "1.5"),
    # None is known.
    ([TWO], [], "2.1.0", ""),
    ([events("introduced 0", "last_affected 1.5.0")], [], "1.2.0", ""),
    # A fix of an older line is none for a newer one, and one that another range holds is none at all.
    ([events("introduced 0", "fixed 1.5.0"), events("introduced 2.0.0", "fixed 2.1.0")], [], "2.0.5", "2.1.0"),
    ([events("introduced 0", "fixed 1.5.0"), events("introduced 1.4.0", "fixed 1.6.0")], [], "1.2.0", "1.6.0"),
    ([events("introduced 0", "fixed 1.5.0", "introduced 1.6.0", "fixed 1.7.0")], ["1.5.0"], "1.2.0", "1.7.0"),
    # A version that is listed and cannot be read has no order.
    ([events("introduced 0", "fixed 1.5.0")], ["latest"], "latest", ""),
]
WORDS = [
    ([TWO], [], "1.2.0", "1.2.0 is in its range: from 1.0 and before 1.5."),
    ([TWO], [], "2.1.0", "2.1.0 is in its range: from 2.0 and up to 2.3."),
    ([events("introduced 0", "fixed 1.5.0")], [], "1.2.0", "1.2.0 is in its range: before 1.5.0."),
    ([WHOLE], [], "1.2.0", "1.2.0 is in its range: any version."),
    ([], ["1.2.0"], "1.2.0", "It names version 1.2.0."),
    ([TWO], [], "", "Which version it is, is not said."),
    ([TWO], [], "latest", "'latest' is no version as SemVer writes them."),
    ([GIT], [], "1.2.0", "It names commits only, no versions."),
    ([TWO], [], "9.0.0", "It is in none of its ranges and versions."),
    (
        [events("introduced x")],
        [],
        "1.0.0",
        "One of its ranges cannot be read: 'x' is no version as SemVer writes them.",
    ),
]


def entry(ecosystem: str, ranges: list[dict[str, Any]], versions: list[str], *, is_malicious: bool = False) -> Entry:
    return Entry(ecosystem, ranges=osv.read_ranges(ranges), versions=versions, is_malicious=is_malicious)


@for_each("ecosystem, ranges, versions, outcomes", RULES)
def test_a_version_is_evaluated_as_the_specification_says(
    ecosystem: str, ranges: list[Any], versions: list[str], outcomes: dict[str, Outcome]
):
    known = entry(ecosystem, ranges, versions)
    assert {version: matching.judge(known, version).outcome for version in outcomes} == outcomes


@for_each("ranges, versions, outcomes", MALICIOUS)
def test_a_malicious_package_is_confirmed_by_its_version_and_to_be_verified_by_its_name(
    ranges: list[Any], versions: list[str], outcomes: dict[str, Outcome]
):
    known = entry("npm", ranges, versions, is_malicious=True)
    assert {version: matching.judge(known, version).outcome for version in outcomes} == outcomes


@for_each("ranges, versions, version, fixed_in", FIXES)
def test_the_lowest_version_above_that_is_free_is_the_fix(
    ranges: list[Any], versions: list[str], version: str, fixed_in: str
):
    verdict = matching.judge(entry("npm", ranges, versions), version)
    assert (verdict.outcome, verdict.fixed_in) == (AFFECTED, fixed_in)


@for_each("ranges, versions, version, why", WORDS)
def test_a_verdict_says_why(ranges: list[Any], versions: list[str], version: str, why: str):
    assert matching.judge(entry("npm", ranges, versions), version).why == why


def test_what_a_verdict_says_is_short_however_long_a_version_is():
    long = "1.0.0-" + "a" * 240
    verdict = matching.judge(entry("npm", [events(f"introduced {long}", f"fixed {long}b")], []), long)
    assert verdict == Verdict(
        AFFECTED, f"{long[:60]}… is in its range: from {long[:60]} and before {long[:60]}.", f"{long}b"
    )


def test_a_fix_for_several_advisories_is_free_of_all():
    several = [
        entry("npm", [events("introduced 0", "fixed 1.5.0")], []),
        entry("npm", [events("introduced 0", "fixed 1.6.0")], []),
        entry("npm", [events("introduced 1.6.0", "fixed 1.6.2")], []),
    ]
    assert matching.lowest_free(several, "1.2.0") == "1.6.2"
    assert matching.lowest_free([*several, entry("npm", [WHOLE], [])], "1.2.0") == ""
    assert matching.lowest_free(several, "latest") == ""


@for_each("named, release, outcome", [
    ("Debian", "12", AFFECTED), ("Debian:12", "12", AFFECTED), ("Debian:11", "12", FREE), ("Debian:11", "", UNKNOWN),
    ("Debian", "", AFFECTED), ("Red Hat:enterprise_linux:8::baseos", "enterprise_linux:8", AFFECTED),
    ("Red Hat:enterprise_linux:80::baseos", "enterprise_linux:8", FREE),
])  # fmt: skip
def test_an_advisory_of_a_release_is_of_that_release(named: str, release: str, outcome: Outcome):
    known = entry(named, [events("introduced 0", "fixed 2.0-1")], [])
    assert matching.judge_of_release(known, "1.0-1", release=release).outcome is outcome


def test_what_is_free_in_a_release_is_free_whichever_the_package_is_of():
    known = entry("Debian:11", [events("introduced 0", "fixed 2.0-1")], [])
    assert matching.judge_of_release(known, "3.0-1", release="").outcome is FREE


# A version in another spelling is listed for the product only: the specification compares texts.
@pytest.mark.parametrize("kind", ["npm", "PyPI"])
def test_the_specification_agrees_on_every_rule_of_the_table(kind: str):
    for ecosystem, ranges, versions, outcomes in RULES:
        if ecosystem != kind or not ranges or ranges == [GIT]:
            continue
        affected = {"package": {"ecosystem": kind, "name": "x"}, "ranges": ranges, "versions": versions}
        for version, outcome in outcomes.items():
            is_hit = specification.is_vulnerable({"id": "X-1", "affected": [affected]}, kind, "x", version)
            assert is_hit is (outcome is AFFECTED) or "trunk" in version, (ranges, version)
