"""Which advisories speak of the same vulnerability, as `composition.advisories.aliases` groups their names.

When what an advisory says changes, only the groups that it touches are worked out anew. Of groups that become one the
oldest vulnerability stays, and with it what people decided; of one that falls apart, the part with the name that it
goes by keeps it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from composition.advisories import aliases
from composition.advisories.aliases import Group
from composition.models import Advisory, Hit, Identifier, Vulnerability
from riskregister.queries import inserting
from riskregister.queries.compiled import CompiledQuery, Given

_AT_ONCE = 500
_GIVEN = Given("keys")
_ALIASES = CompiledQuery(lambda: Advisory.objects.filter(name__among=_GIVEN).order_by().values_list("aliases"))
_NAMED = CompiledQuery(lambda: Identifier.objects.filter(name__among=_GIVEN).values_list("vulnerability"))
_NAMES = CompiledQuery(
    lambda: Identifier.objects.filter(vulnerability__id__among=_GIVEN).values_list("name", "vulnerability")
)
_ADVISORIES = CompiledQuery(
    lambda: (
        Advisory.objects.filter(vulnerability__id__among=_GIVEN)
        .order_by()
        .values_list("name", "is_of_malicious_code", "aliases", "vulnerability")
    )
)


@dataclass
class Groups:
    """The vulnerability of each advisory that was asked for, and all those that are to be worked out anew.

    New ones are among them, and not inserted yet: what they say comes first.
    """

    of: dict[str, Vulnerability] = field(default_factory=dict)
    touched: list[Vulnerability] = field(default_factory=list)


class Names(NamedTuple):
    """What an advisory says of its names: whether it is of malicious code, and the others that it has."""

    is_malicious: bool
    aliases: Sequence[str]


@dataclass
class _Known:
    """What the register has of the groups that are touched."""

    # The vulnerability of each name, and of each advisory that does not change what it says and its vulnerability.
    names: dict[str, UUID]
    others: dict[str, tuple[Names, UUID]]
    vulnerabilities: list[Vulnerability]


def regroup(stated_names: Mapping[str, Names], *, now: datetime) -> Groups:
    """Return the groups of advisories, of each of which this is what it says by now.

    Part of the transaction that stores them, in which nobody else changes groups.
    """
    known = _known(stated_names)
    every = {name: names for name, (names, _vulnerability) in known.others.items()} | dict(stated_names)
    pairs = ((name, alias) for name, one in every.items() for alias in one.aliases)
    found = aliases.groups({name: one.is_malicious for name, one in every.items()}, pairs)
    places = _places(found, known, advisories=every.keys())
    owners = _owners(found, known, places)
    _settle(found, owners, known, now=now)
    of = {name: owner for group, owner in zip(found, owners, strict=True) for name in group.names}
    _name(of, known)
    _move({name: of[name] for name, (_names, was) in known.others.items() if of[name].pk != was})
    for one in known.vulnerabilities:
        if owners[places[one.pk]].pk != one.pk:
            _merge(one, owners[places[one.pk]])
    return Groups({name: of[name] for name in stated_names}, owners)


def _known(stated_names: Mapping[str, Names]) -> _Known:
    names = {*stated_names, *(alias for one in stated_names.values() for alias in one.aliases)}
    names |= {alias for (before,) in _ALIASES.ask(keys=stated_names) for alias in before}
    every, others, here = dict[str, UUID](), dict[str, tuple[Names, UUID]](), set[UUID]()
    # Again where one of them has a name of malicious code beside: it is of a vulnerability of its own.
    while names:
        found = {vulnerability for (vulnerability,) in _NAMED.ask(keys=names)} - here
        here |= found
        every |= _names_of(found)
        also = {name: one for name, one in _others(found).items() if name not in stated_names}
        others |= also
        names = {alias for one, _vulnerability in also.values() for alias in one.aliases} - every.keys()
    rows = Vulnerability.objects.filter(pk__among=here)
    return _Known(every, others, sorted(rows, key=lambda one: (one.created_at, one.pk)))


def _names_of(vulnerabilities: Collection[UUID]) -> dict[str, UUID]:
    return dict(_NAMES.ask(keys=vulnerabilities))


def _others(vulnerabilities: Collection[UUID]) -> dict[str, tuple[Names, UUID]]:
    return {
        name: (Names(is_malicious, others), vulnerability)
        for name, is_malicious, others, vulnerability in _ADVISORIES.ask(keys=vulnerabilities)
    }


def _places(groups: Sequence[Group], known: _Known, *, advisories: Collection[str]) -> dict[UUID, int]:
    """Return the place of the group of each vulnerability that was there.

    It is the one with the name that it goes by; where no advisory uses that name any more, that of its first advisory.
    """
    at = {name: index for index, group in enumerate(groups) for name in group.names}
    owned: dict[UUID, list[str]] = {}
    for name, key in known.names.items():
        owned.setdefault(key, []).append(name)
    found = {}
    for one in known.vulnerabilities:
        mine = [one.key, *sorted(owned[one.pk], key=lambda name: (name not in advisories, name))]
        found[one.pk] = next(at[name] for name in mine if name in at)
    return found


def _owners(groups: Sequence[Group], known: _Known, places: Mapping[UUID, int]) -> list[Vulnerability]:
    """Return the vulnerability of each group: the oldest of those it had, or a new one that is not inserted."""
    owners: dict[int, Vulnerability] = {}
    for one in known.vulnerabilities:
        owners.setdefault(places[one.pk], one)
    return [owners.get(index) or Vulnerability(key="") for index in range(len(groups))]


def _settle(groups: Sequence[Group], owners: Sequence[Vulnerability], known: _Known, *, now: datetime) -> None:
    """Let each vulnerability go by the name of its group."""
    renamed = []
    for group, one in zip(groups, owners, strict=True):
        if one._state.adding:
            one.created_at = now
        elif one.key != group.key:
            renamed.append(one)
        one.key = group.key
    kept = {one.pk for one in owners}
    # A name that passes from one to another would be there twice for a moment.
    leaving = [one for one in known.vulnerabilities if one.pk not in kept]
    passing = [*renamed, *leaving]
    if passing:
        for one in passing:
            Vulnerability.objects.filter(pk=one.pk).update(key=f"~{one.pk}")
        for one in renamed:
            Vulnerability.objects.filter(pk=one.pk).update(key=one.key)


def _name(of: Mapping[str, Vulnerability], known: _Known) -> None:
    """Let each name lead to its vulnerability; one that nobody uses any more leads nowhere."""
    new = [(name, one.pk) for name, one in of.items() if name not in known.names]
    inserting.insert_values(Identifier, ("name", "vulnerability"), new)
    moved = [
        Identifier(name=name, vulnerability=one) for name, one in of.items() if known.names.get(name, one.pk) != one.pk
    ]
    Identifier.objects.bulk_create(
        moved, batch_size=_AT_ONCE, update_conflicts=True, unique_fields=["name"], update_fields=["vulnerability"]
    )
    unused = [name for name in known.names if name not in of]
    for at in range(0, len(unused), _AT_ONCE):
        Identifier.objects.filter(name__in=unused[at : at + _AT_ONCE]).delete()


def _move(moved: Mapping[str, Vulnerability]) -> None:
    """Let other advisories of the groups follow, to be compared anew under what they speak of now."""
    to: dict[UUID, list[str]] = {}
    for name, one in moved.items():
        to.setdefault(one.pk, []).append(name)
    for key, names in to.items():
        Advisory.objects.filter(name__in=names).update(vulnerability=key, needs_matching=True)


def _merge(one: Vulnerability, heir: Vulnerability) -> None:
    """Note that a vulnerability turned out to be an older one, and let its hits be the older one's."""
    Vulnerability.objects.filter(pk=one.pk).update(key=one.key, merged_into=heir.pk)
    _hand_over(one, heir)


def _hand_over(one: Vulnerability, heir: Vulnerability) -> None:
    """Let hits become the heir's where it has none of its own there; else matching ends the younger one."""
    theirs = set(Hit.objects.filter(vulnerability=heir).values_list("server_id", "ecosystem", "name"))
    for hit in Hit.objects.filter(vulnerability=one.pk):
        if (hit.server_id, hit.ecosystem, hit.name) not in theirs:
            Hit.objects.filter(pk=hit.pk).update(vulnerability=heir.pk)
