"""What is said in one place, and the sets of controls by what holds there: laid over what is said more generally."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Protocol

from controls.in_place import effective
from controls.in_place.effective import IN_PLACE, MISSING, NOT_APPLICABLE, Statement
from controls.models import ControlStatus

NONE: frozenset[int] = frozenset()
Keys = Mapping[str, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Sourced:
    """What one source, called `origin`, says in one place: the keys of controls by status."""

    place: str
    source: str
    origin: str
    keys: Keys

    def of(self, control: int) -> Iterator[Statement]:
        """Yield what it says of a control, if anything."""
        for status, keys in self.keys.items():
            if control in keys:
                yield Statement(self.place, status, self.source, self.origin)

    @property
    def found(self) -> Keys:
        """Return what it finds, and does not only claim."""
        return {status: keys for status, keys in self.keys.items() if not effective.is_claim(self.source, status)}

    @property
    def claimed(self) -> Keys:
        """Return what it claims."""
        return {status: keys for status, keys in self.keys.items() if effective.is_claim(self.source, status)}

    @property
    def every(self) -> frozenset[int]:
        """Return the keys of all controls of which it says something."""
        return NONE.union(*self.keys.values())


@dataclass(slots=True)
class Here:
    """What is said in one place: by persons, by the key of the control, and by sources; `service` names a shared one.

    What a person states is kept as status, number and last day: a hundred thousand of them are read at once, and few of
    them are ever shown. `effort` are the days of work until a control is in place, where somebody says so.
    """

    place: str
    stated: dict[int, tuple[str, int, date | None]] = field(default_factory=dict)
    sourced: list[Sourced] = field(default_factory=list)
    effort: dict[int, int] = field(default_factory=dict)
    service: str = ""

    def of(self, control: int) -> Iterator[Statement]:
        """Yield what is said of a control."""
        if control in self.stated:
            status, number, until = self.stated[control]
            yield Statement(self.place, status, "", ControlStatus.ref_of(number), until, self.service)
        for one in self.sourced:
            yield from one.of(control)

    def standing_on(self, today: date) -> dict[str, frozenset[int]]:
        """Return the keys of the controls of which something is stated here that has not lapsed, by status."""
        found: dict[str, list[int]] = {}
        for control, (status, _number, until) in self.stated.items():
            if until is None or until >= today:
                found.setdefault(status, []).append(control)
        return {status: frozenset(keys) for status, keys in found.items()}


class Sums(Protocol):
    """What is said in one place, as far as sets of what holds need it."""

    @property
    def stated(self) -> Collection[int]:
        """Return the keys of the controls of which anything is stated, though it may have lapsed."""

    @property
    def sourced(self) -> Sequence[Sourced]:
        """Return what sources say."""

    @property
    def effort(self) -> Mapping[int, int]:
        """Return the days of work until a control is in place, where a person says so."""

    def standing_on(self, today: date) -> Keys:
        """Return the keys of the controls of which something is stated that has not lapsed, by status."""


@dataclass(frozen=True, eq=False)
class Held:
    """What is said in a place and more generally, as sets by status: what is stated and has not lapsed, what sources
    find where nothing is stated, what is claimed where nothing is found, and what any source finds missing.

    What follows is worked out once: of many places the same is said.
    """

    standing: Keys = field(default_factory=dict)
    believed: Keys = field(default_factory=dict)
    claimed: Keys = field(default_factory=dict)
    missed: frozenset[int] = NONE

    def overlaid_by(self, here: Sums, *, today: date) -> "Held":
        """Return the same of a more specific place."""
        standing, believed, claimed, missed = self.standing, self.believed, self.claimed, self.missed
        if here.stated:
            standing = _over(standing, here.standing_on(today), hiding=here.stated)
        if here.sourced:
            believed = _with(believed, [one.found for one in here.sourced])
            claimed = _with(claimed, [one.claimed for one in here.sourced])
            missed = missed.union(*(one.keys.get(MISSING, NONE) for one in here.sourced))
        return Held(standing, believed, claimed, missed)

    @cached_property
    def by_status(self) -> Keys:
        """Return the keys of the controls by what holds of them."""
        found = _over(self.claimed, self.believed, hiding=NONE.union(*self.believed.values()))
        return _over(found, self.standing, hiding=NONE.union(*self.standing.values()))

    @cached_property
    def counted(self) -> frozenset[int]:
        """Return the keys of the controls that count as fulfilled."""
        holding = self.by_status
        return (holding.get(IN_PLACE, NONE) - self.contradicted) | holding.get(NOT_APPLICABLE, NONE)

    @cached_property
    def contradicted(self) -> frozenset[int]:
        """Return the keys of the controls that are stated to be in place and that a source finds missing."""
        return self.standing.get(IN_PLACE, NONE) & self.missed


def _over(general: Keys, specific: Keys, *, hiding: Collection[int]) -> Keys:
    """Return the keys by status of what is more specific, and of the rest what is more general and not hidden."""
    if not general:
        return specific
    found = {status: left for status, keys in general.items() if (left := keys.difference(hiding))}
    for status, keys in specific.items():
        found[status] = found[status] | keys if status in found else keys
    return found


def _with(general: Keys, sources: Sequence[Keys]) -> Keys:
    """Return what is said more generally with what sources say in one place laid over it."""
    nonempty = [keys for keys in sources if keys]
    worst = _worst(nonempty) if nonempty else {}
    return _over(general, worst, hiding=NONE.union(*worst.values())) if nonempty else general


def _worst(sources: Sequence[Keys]) -> Keys:
    """Return what sources say in one place by status: of two the worse."""
    if len(sources) == 1:
        return sources[0]
    found: dict[str, frozenset[int]] = {}
    taken = NONE
    for status in effective.WORST_FIRST:
        found[status] = NONE.union(*(keys.get(status, NONE) for keys in sources)) - taken
        taken |= found[status]
    return found
