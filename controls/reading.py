"""What holds of controls in many places at once, in a constant number of statements.

For one place and one control the rule is `controls.effective.effective`. Whoever asks of thousands of deployments takes
`load(deployments, …)`: two statements, whatever their number, and then

- `effective(server, control, deployment=…)` is the same as the pure function, with where it comes from;
- `words(server, deployment=…)` is that of each control of which something is said there;
- `by_status(server, deployment=…)` are the keys of the controls by what holds of them, `counted(…)` those that count as
  fulfilled and `contradicted(…)` those of which a source says otherwise: worked out with sets, they say of each control
  what the pure function says, and take a hundredth of the time. What is said more generally is worked out once, and
  what is said in a place is laid over it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from controls import effective
from controls.effective import IN_PLACE, MISSING, NOT_APPLICABLE, NOT_KNOWN, Effective, Said
from controls.models import ControlStatus, Place, SourcedStatuses
from vendors.models import Deployment, Server

_NONE: frozenset[int] = frozenset()
_AT_ONCE = 2_000
_Keys = Mapping[str, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Told:
    """What one source, called `origin`, says in one place: the keys of controls by status."""

    place: str
    source: str
    origin: str
    keys: _Keys

    def of(self, control: int) -> Iterator[Said]:
        """Yield what it says of a control, if anything."""
        for status, keys in self.keys.items():
            if control in keys:
                yield Said(self.place, status, self.source, self.origin)

    @property
    def every(self) -> frozenset[int]:
        """Return the keys of all controls of which it says something."""
        return _NONE.union(*self.keys.values())


@dataclass(slots=True)
class Here:
    """What is said in one place: by persons, by the key of the control, and by sources.

    What a person states is kept as status, number and last day: a hundred thousand of them are read at once, and few of
    them are ever shown.
    """

    place: str
    stated: dict[int, tuple[str, int, date | None]] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def of(self, control: int) -> Iterator[Said]:
        """Yield what is said of a control."""
        if control in self.stated:
            status, number, until = self.stated[control]
            yield Said(self.place, status, "", ControlStatus.ref_of(number), until)
        for one in self.told:
            yield from one.of(control)

    def standing(self, *, today: date) -> dict[str, frozenset[int]]:
        """Return the keys of the controls of which something is stated here that has not lapsed, by status."""
        found: dict[str, list[int]] = {}
        for control, (status, _number, until) in self.stated.items():
            if until is None or until >= today:
                found.setdefault(status, []).append(control)
        return {status: frozenset(keys) for status, keys in found.items()}


@dataclass(frozen=True, slots=True)
class _Held:
    """What is said in a place and more generally, as sets by status: what is stated and has not lapsed, what sources
    are believed to say where nothing is stated, and what any source finds missing.
    """

    standing: _Keys = field(default_factory=dict)
    believed: _Keys = field(default_factory=dict)
    missed: frozenset[int] = _NONE

    def with_what_is_said(self, here: Here, *, today: date) -> "_Held":
        """Return the same of a more specific place."""
        standing, believed, missed = self.standing, self.believed, self.missed
        if here.stated:
            hiding = here.stated.keys()
            standing = _over(standing, here.standing(today=today), hiding=hiding)
        if here.told:
            believed = _over(believed, _worst(here.told), hiding=_NONE.union(*(one.every for one in here.told)))
            missed = missed.union(*(one.keys.get(MISSING, _NONE) for one in here.told))
        return _Held(standing, believed, missed)

    def by_status(self) -> dict[str, frozenset[int]]:
        """Return the keys of the controls by what holds of them."""
        return _over(self.believed, self.standing, hiding=_NONE.union(*self.standing.values()))

    def counted(self) -> frozenset[int]:
        """Return the keys of the controls that count as fulfilled."""
        holding = self.by_status()
        return (holding.get(IN_PLACE, _NONE) - self.contradicted()) | holding.get(NOT_APPLICABLE, _NONE)

    def contradicted(self) -> frozenset[int]:
        """Return the keys of the controls that are stated to be in place and that a source finds missing."""
        return self.standing.get(IN_PLACE, _NONE) & self.missed


@dataclass(slots=True)
class Statuses:
    """What is said of controls for the organisation, for servers and for deployments."""

    today: date
    general: Here = field(default_factory=partial(Here, "organisation"))
    servers: dict[UUID, Here] = field(default_factory=lambda: defaultdict(partial(Here, "server")))
    deployments: dict[UUID, Here] = field(default_factory=lambda: defaultdict(partial(Here, "deployment")))
    _held: dict[UUID | None, _Held] = field(default_factory=dict)

    def effective(self, server: UUID | None, control: int, *, deployment: UUID | None = None) -> Effective:
        """Return what holds of a control for a deployment of a server, for a server, or for the organisation (None)."""
        said = (one for here in self._places(server, deployment) for one in here.of(control))
        return effective.effective(said, today=self.today)

    def words(self, server: UUID | None, *, deployment: UUID | None = None) -> dict[int, Effective]:
        """Return what holds of each control of which something is said there; of all others nothing is known."""
        places = list(self._places(server, deployment))
        known = {control for here in places for control in here.stated}
        known.update(*(one.every for here in places for one in here.told))
        return {control: self.effective(server, control, deployment=deployment) for control in sorted(known)}

    def by_status(self, server: UUID | None, *, deployment: UUID | None = None) -> dict[str, frozenset[int]]:
        """Return the keys of the controls by what holds of them there; of all others nothing is known."""
        return self._of(server, deployment).by_status()

    def counted(self, server: UUID | None, *, deployment: UUID | None = None) -> frozenset[int]:
        """Return the keys of the controls that count as fulfilled there."""
        return self._of(server, deployment).counted()

    def contradicted(self, server: UUID | None, *, deployment: UUID | None = None) -> frozenset[int]:
        """Return the keys of the controls that are stated to be in place and that a source finds missing there."""
        return self._of(server, deployment).contradicted()

    def _places(self, server: UUID | None, deployment: UUID | None) -> Iterator[Here]:
        """Yield what is said more generally before what is said more specifically."""
        yield self.general
        if server in self.servers:
            yield self.servers[server]
        if deployment in self.deployments:
            yield self.deployments[deployment]

    def _of(self, server: UUID | None, deployment: UUID | None) -> _Held:
        """Return the sets of a place; those of a server are worked out once for all its deployments."""
        held = self._of_server(server)
        if deployment in self.deployments:
            return held.with_what_is_said(self.deployments[deployment], today=self.today)
        return held

    def _of_server(self, server: UUID | None) -> _Held:
        key = server if server in self.servers else None
        if key not in self._held:
            more_general, here = (self._of_server(None), self.servers[key]) if key else (_Held(), self.general)
            self._held[key] = more_general.with_what_is_said(here, today=self.today)
        return self._held[key]


def load(deployments: "QuerySet[Deployment]", *, today: date, controls: Collection[int] | None = None) -> Statuses:
    """Return what is said for these deployments, their servers and the organisation, of all controls or of some.

    Two statements. The deployments are asked for as a part of both, so that their number does not matter.
    """
    keys = deployments.order_by().values("pk")
    servers = deployments.order_by().values("server")
    return _loaded(
        [Q(place=Place.SERVER, server__in=servers), Q(place=Place.DEPLOYMENT, deployment__in=keys)],
        [Q(server__in=servers, deployment=None), Q(deployment__in=keys)],
        today=today,
        controls=controls,
    )


def load_servers(servers: "QuerySet[Server]", *, today: date, controls: Collection[int] | None = None) -> Statuses:
    """Return what is said for these servers with all their deployments, and for the organisation. Two statements."""
    keys = servers.order_by().values("pk")
    return _loaded([Q(server__in=keys)], [Q(server__in=keys)], today=today, controls=controls)


def load_general(*, today: date, controls: Collection[int] | None = None) -> Statuses:
    """Return what is said for the organisation alone. One statement."""
    found = Statuses(today)
    _add_stated(found, (), controls)
    return found


def any_of(rows: "QuerySet[Any]", parts: Sequence[Q], *columns: str) -> Iterator[Any]:
    """Yield these columns of the rows that fulfil any one condition, of several that exclude each other.

    A union: each part by its index, which a condition with "or" would not be. Read in pieces: a hundred thousand rows
    that are all kept until the last is read let the garbage collector look through them again and again.
    """
    first, *rest = (rows.filter(part).order_by().values_list(*columns) for part in parts)
    return (first.union(*rest, all=True) if rest else first).iterator(_AT_ONCE)


def _loaded(stated: Sequence[Q], sourced: Sequence[Q], *, today: date, controls: Collection[int] | None) -> Statuses:
    found = Statuses(today)
    _add_stated(found, stated, controls)
    wanted = None if controls is None else frozenset(controls)
    columns = ("server_id", "deployment_id", "source", "origin", "said")
    for server, deployment, source, origin, said in any_of(SourcedStatuses.objects.all(), sourced, *columns):
        keys = {
            status: frozenset(some) if wanted is None else wanted.intersection(some)
            for status, some in said.items()
            if status != NOT_KNOWN
        }
        here = _at(found, server, deployment)
        here.told.append(Told(here.place, source, origin, keys))
    return found


def _add_stated(found: Statuses, where: Sequence[Q], controls: Collection[int] | None) -> None:
    rows = ControlStatus.objects.stated()
    if controls is not None:
        rows = rows.filter(control__in=controls)
    columns = ("control_id", "server_id", "deployment_id", "state", "number", "valid_until")
    stated = any_of(rows, [Q(place=Place.ORGANISATION), *where], *columns)
    for control, server, deployment, state, number, until in stated:
        _at(found, server, deployment).stated[control] = (state, number, until)


def _at(found: Statuses, server: UUID | None, deployment: UUID | None) -> Here:
    if deployment:
        return found.deployments[deployment]
    return found.servers[server] if server else found.general


def _over(general: _Keys, specific: _Keys, *, hiding: Collection[int]) -> dict[str, frozenset[int]]:
    """Return the keys by status of what is more specific, and of the rest what is more general and not hidden."""
    found = {status: left for status, keys in general.items() if (left := keys.difference(hiding))}
    for status, keys in specific.items():
        found[status] = found[status] | keys if status in found else keys
    return found


def _worst(told: Sequence[Told]) -> _Keys:
    """Return what sources say in one place by status: of two the worse."""
    if len(told) == 1:
        return told[0].keys
    found: dict[str, frozenset[int]] = {}
    taken = _NONE
    for status in effective.WORST_FIRST:
        found[status] = _NONE.union(*(one.keys.get(status, _NONE) for one in told)) - taken
        taken |= found[status]
    return found
