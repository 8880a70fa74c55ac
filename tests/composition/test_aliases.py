"""Groups of names: which advisories are of one vulnerability, and which are not."""

import random
from itertools import pairwise

from composition.advisories import aliases
from tests.tables import for_each

CVE, GHSA, PYSEC, GO, MAL = "CVE-2025-1000", "GHSA-aaaa-bbbb-cccc", "PYSEC-2025-7", "GO-2025-3", "MAL-2025-9"
VULNERABLE, MALICIOUS = False, True
GROUPS: list[tuple[dict[str, bool], list[tuple[str, str]], dict[str, set[str]]]] = [
    # An advisory that has no other name is a group of its own.
    ({PYSEC: VULNERABLE}, [], {PYSEC: {PYSEC}}),
    # Each says one other name, and all three are one.
    ({PYSEC: VULNERABLE, GHSA: VULNERABLE}, [(PYSEC, GHSA), (GHSA, CVE)], {CVE: {CVE, GHSA, PYSEC}}),
    # Two that never met have a name in common.
    ({PYSEC: VULNERABLE, GO: VULNERABLE}, [(PYSEC, CVE), (GO, CVE)], {CVE: {CVE, GO, PYSEC}}),
    ({PYSEC: VULNERABLE, GO: VULNERABLE}, [(PYSEC, GHSA)], {GHSA: {GHSA, PYSEC}, GO: {GO}}),
    ({PYSEC: VULNERABLE}, [(PYSEC, PYSEC)], {PYSEC: {PYSEC}}),
    # Malicious code is no vulnerability: neither directly, nor through a name that both say.
    ({MAL: MALICIOUS, GHSA: VULNERABLE}, [(MAL, GHSA)], {GHSA: {GHSA}, MAL: {MAL}}),
    ({MAL: MALICIOUS, GHSA: VULNERABLE}, [(MAL, CVE), (GHSA, CVE)], {CVE: {CVE, GHSA}, MAL: {MAL}}),
    # Where both are of malicious code they are one, and so is a name that only such advisories say.
    ({MAL: MALICIOUS, PYSEC: MALICIOUS}, [(PYSEC, MAL)], {MAL: {MAL, PYSEC}}),
    ({MAL: MALICIOUS, "MAL-2025-10": MALICIOUS}, [(MAL, GHSA), ("MAL-2025-10", GHSA)],
     {GHSA: {GHSA, MAL, "MAL-2025-10"}}),
]  # fmt: skip


@for_each("known, assertions, expected", GROUPS)
def test_names_that_are_said_to_be_the_same_are_one_group(
    known: dict[str, bool], assertions: list[tuple[str, str]], expected: dict[str, set[str]]
):
    assert {group.key: set(group.names) for group in aliases.groups(known, assertions)} == expected


@for_each("names, key", [
    ([PYSEC, GHSA, CVE], CVE), ([PYSEC, GHSA], GHSA), ([PYSEC, GO], GO), ([MAL], MAL),
    (["CVE-2025-1000", "CVE-2025-900"], "CVE-2025-900"), (["CVE-2025-1", "CVE-2024-90000"], "CVE-2024-90000"),
    (["PYSEC-2025-10", "PYSEC-2025-9"], "PYSEC-2025-9"),
])  # fmt: skip
def test_a_group_goes_by_its_lowest_cve_else_its_lowest_ghsa_else_its_lowest_name(names: list[str], key: str):
    assert aliases.key_of(names) == key


def test_the_order_in_which_advisories_came_does_not_matter():
    names = [f"CVE-2025-{number}" for number in range(40)] + [f"GHSA-{number}" for number in range(40)]
    chance = random.Random(3)
    pairs = [(chance.choice(names), chance.choice(names)) for _ in range(50)]
    known = dict.fromkeys(names, VULNERABLE)
    expected = aliases.groups(known, pairs)
    assert 1 < len(expected) < len(names)
    for _ in range(20):
        assert (
            aliases.groups(dict(chance.sample(list(known.items()), len(known))), chance.sample(pairs, 50)) == expected
        )


def test_a_name_that_is_taken_back_parts_the_group():
    known = {PYSEC: VULNERABLE, GO: VULNERABLE}
    assert len(aliases.groups(known, [(PYSEC, CVE), (GO, CVE)])) == 1
    assert len(aliases.groups(known, [(PYSEC, CVE)])) == 2


def test_a_long_chain_is_one_group():
    names = [f"CVE-2025-{number}" for number in range(20_000)]
    pairs = list(pairwise(names))
    (group,) = aliases.groups(dict.fromkeys(names, VULNERABLE), pairs)
    assert (group.key, len(group.names)) == ("CVE-2025-0", 20_000)
