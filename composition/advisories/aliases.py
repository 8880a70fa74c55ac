"""Which advisories are of one vulnerability: groups of the names that their sources say are the same. Pure.

Malicious code is never one with a vulnerability. What is decided of a weakness (accept it, it does not apply) must not
hold for a package that was published to do harm, and a wrong alias in one of 33,000 records about packages would do
that. Where both speak of malicious code they are one.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

Assertion = tuple[str, str]
_NUMBERS = re.compile(r"(\d+)")
_PREFERRED = ("CVE-", "GHSA-")


class Group(NamedTuple):
    """One vulnerability, or one malicious package: the name that it goes by, and all its names."""

    key: str
    names: frozenset[str]


def groups(known: Mapping[str, bool], assertions: Iterable[Assertion]) -> tuple[Group, ...]:
    """Return the groups of names, by their keys.

    `known` says of each advisory that there is whether it is of malicious code; `assertions` are pairs of an advisory
    and another name that it says it has. A name that no advisory has is of malicious code where only such advisories
    say it. The same pairs in any order give the same groups.
    """
    pairs = sorted(set(assertions))
    malicious = _of_malicious_code(known, pairs)
    leads: dict[str, str] = {name: name for name in malicious}
    for one, other in pairs:
        if malicious[one] is malicious[other]:
            _join(leads, one, other)
    names: dict[str, set[str]] = {}
    for name in leads:
        names.setdefault(_lead(leads, name), set()).add(name)
    found = (Group(key_of(group), frozenset(group)) for group in names.values())
    return tuple(sorted(found, key=lambda group: _order(group.key)))


def key_of(names: Iterable[str]) -> str:
    """Return the name that a vulnerability goes by: the lowest CVE, else the lowest GHSA, else the lowest name."""
    return min(names, key=_order)


def _of_malicious_code(known: Mapping[str, bool], pairs: Iterable[Assertion]) -> dict[str, bool]:
    found = dict(known)
    for asserter, _ in pairs:
        found.setdefault(asserter, False)
    by_alias: dict[str, bool] = {}
    for asserter, alias in pairs:
        if alias not in found:
            by_alias[alias] = by_alias.get(alias, True) and found[asserter]
    return found | by_alias


def _lead(leads: dict[str, str], name: str) -> str:
    while leads[name] != name:
        # Halves the way for whoever comes next.
        leads[name] = leads[leads[name]]
        name = leads[name]
    return name


def _join(leads: dict[str, str], one: str, other: str) -> None:
    first, second = sorted((_lead(leads, one), _lead(leads, other)))
    leads[second] = first


def _order(name: str) -> tuple[int, list[str | int], str]:
    """Return the place of a name: by its database, then with numbers as numbers, so that CVE-2024-900 is low."""
    database = next((at for at, prefix in enumerate(_PREFERRED) if name.startswith(prefix)), len(_PREFERRED))
    return (database, [int(part) if part.isdecimal() else part for part in _NUMBERS.split(name)], name)
