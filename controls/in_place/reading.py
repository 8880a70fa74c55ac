"""What holds of controls in many places at once, in a constant number of statements.

For one place and one control the rule is `controls.in_place.effective.effective`. Whoever asks of many deployments
takes `load(deployments, …)`: two statements, whatever their number, four where shared services give anything, and then

- `effective(server, control, deployment=…)` is the same as the pure function, with where it comes from;
- `words(server, deployment=…)` is that of each control of which something is said there;
- `by_status(server, deployment=…)` are the keys of the controls by what holds of them, `counted(…)` those that count as
  fulfilled and `contradicted(…)` those of which a source says otherwise: worked out with sets, they say of each control
  what the pure function says, and take a hundredth of the time. What is said more generally is worked out once, and
  what is said in a place is laid over it.

For thousands of deployments, of which nobody is shown who says what, `controls.in_place.summing` reads the sets alone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial, reduce
from itertools import pairwise
from operator import or_
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from controls.in_place import effective, inheriting
from controls.in_place.effective import NOT_KNOWN, Effective
from controls.in_place.inheriting import Behind, Giver
from controls.in_place.overlays import Held, Here, Keys, Sourced, Sums
from controls.models import ControlStatus, Place, SourcedStatuses
from controls.models.status import TO_DO
from vendors.models import Deployment, Server

# Read in pieces: many rows that are all kept until the last is read let the garbage collector look through them again
# and again.
_AT_ONCE = 2_000
# MI-20, whose controls are asked for most, has some 70 in a revision.
_APART = 100
_GENERAL = Q(place=Place.ORGANISATION)
# What is said in no server, which a condition of its own each would ask for twice.
_SHARED = Q(place__in=(Place.ORGANISATION, Place.SERVICE))

_STATED = (
    "control_id", "service_id", "server_id", "deployment_id", "state", "number", "valid_until", "effort_days",
)  # fmt: skip

P = TypeVar("P", bound=Sums)


@dataclass(slots=True)
class Sets(Generic[P]):
    """What holds of controls for the organisation, behind shared services, for servers and for deployments, as sets."""

    today: date
    general: Here = field(default_factory=partial(Here, "organisation"))
    services: dict[UUID, Here] = field(default_factory=lambda: defaultdict(partial(Here, "service")))
    behind: Behind = field(default_factory=Behind)
    servers: dict[UUID, P] = field(default_factory=dict)
    deployments: dict[UUID, P] = field(default_factory=dict)
    _held: dict[frozenset[UUID], Held] = field(default_factory=dict)
    _laid: dict[tuple[int, int], Held] = field(default_factory=dict)

    def by_status(self, server: UUID | None, *, deployment: UUID | None = None) -> Keys:
        """Return the keys of the controls by what holds of them there; of all others nothing is known."""
        return self._of(server, deployment).by_status

    def counted(self, server: UUID | None, *, deployment: UUID | None = None) -> frozenset[int]:
        """Return the keys of the controls that count as fulfilled there."""
        return self._of(server, deployment).counted

    def contradicted(self, server: UUID | None, *, deployment: UUID | None = None) -> frozenset[int]:
        """Return the keys of the controls that are stated to be in place and that a source finds missing there."""
        return self._of(server, deployment).contradicted

    def effort(self, server: UUID | None, *, deployment: UUID | None = None) -> dict[int, int]:
        """Return the days of work that persons say for the place, and those that they say more generally."""
        found = dict(self.general.effort)
        for here in self._at(server, deployment):
            found |= here.effort
        return found

    def alike(self, server: UUID | None, *, deployment: UUID | None = None) -> tuple[Any, ...]:
        """Return what is equal for places of which all the same is said, and so all the same holds."""
        return (self.behind.of(server, deployment), *map(id, self._at(server, deployment)))

    @property
    def some_servers(self) -> set[UUID]:
        """Return the servers of which something is said, or inherited, beside what holds for the organisation."""
        return {*self.servers, *self.behind.of_servers}

    @property
    def some_deployments(self) -> set[UUID]:
        """Return the deployments of which the same is so."""
        return {*self.deployments, *self.behind.of_deployments}

    def _of(self, server: UUID | None, deployment: UUID | None) -> Held:
        """Return the sets of a place; where the same is said over the same they are worked out once."""
        held = self._given_by(self.behind.of(server, deployment))
        for here in self._at(server, deployment):
            # Both are kept as long as this is, so that no other object comes by their ids.
            pair = (id(held), id(here))
            if pair not in self._laid:
                self._laid[pair] = held.overlaid_by(here, today=self.today)
            held = self._laid[pair]
        return held

    def _at(self, server: UUID | None, deployment: UUID | None) -> list[P]:
        """Return what is said of a server, and what is said of its deployment."""
        keys = ((server, self.servers), (deployment, self.deployments))
        return [here for key, places in keys if key and (here := places.get(key))]

    def _given_by(self, behind: frozenset[UUID]) -> Held:
        """Return what holds of the organisation, and what these services give."""
        if behind not in self._held:
            more_general = self._given_by(inheriting.NOBODY) if behind else Held()
            here = self._together(behind) if behind else self.general
            self._held[behind] = more_general.overlaid_by(here, today=self.today)
        return self._held[behind]

    def _together(self, services: frozenset[UUID]) -> Here:
        """Return what several services say as one place: of each control the statement that `effective` takes."""
        found = Here("service")
        for one in services:
            for control, statement in self.services[one].stated.items():
                known = found.stated.get(control)
                found.stated[control] = max(statement, known, key=self._urgency) if known else statement
        return found

    def _urgency(self, stated: tuple[str, int, date | None]) -> tuple[bool, int]:
        status, _number, until = stated
        return effective.urgency(status, is_lapsed=until is not None and until < self.today)


@dataclass(slots=True)
class Statuses(Sets[Here]):
    """The same with who says it, and until when: for what is shown."""

    def effective(self, server: UUID | None, control: int, *, deployment: UUID | None = None) -> Effective:
        """Return what holds of a control for a deployment of a server, for a server, or for the organisation (None)."""
        statements = (one for here in self._places(server, deployment) for one in here.of(control))
        return effective.effective(statements, today=self.today)

    def words(self, server: UUID | None, *, deployment: UUID | None = None) -> dict[int, Effective]:
        """Return what holds of each control of which something is said there; of all others nothing is known."""
        places = list(self._places(server, deployment))
        known = {control for here in places for control in here.stated}
        known.update(*(one.every for here in places for one in here.sourced))
        return {control: self.effective(server, control, deployment=deployment) for control in sorted(known)}

    def of_service(self, service: UUID, control: int) -> Effective:
        """Return what a shared service itself says of a control, or else what holds for the organisation."""
        statements = (one for here in (self.general, self.services[service]) for one in here.of(control))
        return effective.effective(statements, today=self.today)

    def _places(self, server: UUID | None, deployment: UUID | None) -> Iterator[Here]:
        """Yield what is said more generally before what is said more specifically."""
        yield self.general
        yield from (self.services[one] for one in sorted(self.behind.of(server, deployment)))
        yield from self._at(server, deployment)


def load(deployments: "QuerySet[Deployment]", *, today: date, controls: Collection[int] | None = None) -> Statuses:
    """Return what is said for these deployments, their servers and the organisation, of all controls or of some.

    The deployments are asked for as a part of each statement, so that their number does not matter.
    """
    keys = deployments.order_by().values("pk")
    servers = deployments.order_by().values("server")
    return _loaded(
        [Q(place=Place.SERVER, server__in=servers), Q(place=Place.DEPLOYMENT, deployment__in=keys)],
        [Q(server__in=servers, deployment=None), Q(deployment__in=keys)],
        Server.objects.filter(pk__in=servers),
        today=today,
        controls=controls,
    )


def load_servers(servers: "QuerySet[Server]", *, today: date, controls: Collection[int] | None = None) -> Statuses:
    """Return what is said for these servers with all their deployments, and for the organisation."""
    keys = servers.order_by().values("pk")
    return _loaded([Q(server__in=keys)], [Q(server__in=keys)], servers, today=today, controls=controls)


def load_service(service: UUID, *, today: date, controls: Collection[int] | None = None) -> Statuses:
    """Return what a shared service says itself, and what is said for the organisation. One statement."""
    found = Statuses(today)
    _add_stated(found, _stated([_GENERAL, Q(place=Place.SERVICE, service=service)], controls))
    return found


def load_shared(servers: "QuerySet[Server]", *, today: date, controls: Collection[int] | None = None) -> Statuses:
    """Return what is said of these controls, and perhaps of others, for the organisation, and what shared services give
    these servers. One statement, three where services give anything.
    """
    found = Statuses(today)
    _add_stated(found, any_of(near(ControlStatus.objects.stated(), controls), [_SHARED], *_STATED))
    if found.services:
        _inherit(found, servers)
    return found


def load_general(*, today: date, controls: Collection[int] | None = None) -> Statuses:
    """Return what is said for the organisation alone. One statement."""
    found = Statuses(today)
    _add_stated(found, _stated([_GENERAL], controls))
    return found


def any_of(rows: "QuerySet[Any]", parts: Sequence[Q], *columns: str) -> "QuerySet[Any]":
    """Return these columns of the rows that fulfil any one condition, of several that exclude each other.

    A union: each part by its index, which a condition with "or" would not be.
    """
    first, *rest = (rows.filter(part).order_by().values_list(*columns) for part in parts)
    return first.union(*rest, all=True) if rest else first


def near(rows: "QuerySet[Any, Any]", controls: Collection[int] | None) -> "QuerySet[Any, Any]":
    """Return what is stated of these controls, and of some whose keys lie between theirs (None: of all).

    Those of one revision of a framework lie together. To name each takes longer than to read the few between them; a
    revision that came later lies apart, behind all the controls of other frameworks that came meanwhile.
    """
    if not controls:
        return rows
    runs = (Q(control__gte=first, control__lte=last) for first, last in _runs(sorted(controls)))
    return rows.filter(reduce(or_, runs))


def _runs(keys: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of each run of keys that lie together, of keys in their order."""
    first = keys[0]
    for before, key in pairwise(keys):
        if key - before > _APART:
            yield first, before
            first = key
    yield first, keys[-1]


def _loaded(
    stated: Sequence[Q],
    sourced: Sequence[Q],
    servers: "QuerySet[Server]",
    *,
    today: date,
    controls: Collection[int] | None,
) -> Statuses:
    found = Statuses(today)
    _add_stated(found, _stated([_SHARED, *stated], controls).iterator(_AT_ONCE))
    if found.services:
        _inherit(found, servers)
    wanted = None if controls is None else frozenset(controls)
    columns = ("server_id", "deployment_id", "source", "origin", "by_status")
    rows = any_of(SourcedStatuses.objects.counting(today=today), sourced, *columns)
    for server, deployment, source, origin, by_status in rows.iterator(_AT_ONCE):
        keys = {
            status: frozenset(some) if wanted is None else wanted.intersection(some)
            for status, some in by_status.items()
            if status != NOT_KNOWN
        }
        here = _at(found, server, deployment)
        here.sourced.append(Sourced(here.place, source, origin, keys))
    return found


def _stated(where: Sequence[Q], controls: Collection[int] | None) -> "QuerySet[Any]":
    """Return what persons state in any of these places."""
    rows = ControlStatus.objects.stated()
    if controls is not None:
        rows = rows.filter(control__in=controls)
    return any_of(rows, where, *_STATED)


def _add_stated(found: Statuses, rows: Iterable[Any]) -> None:
    for control, service, server, deployment, state, number, until, days in rows:
        here = found.services[service] if service else _at(found, server, deployment)
        here.stated[control] = (state, number, until)
        if days is not None and state in TO_DO:
            here.effort[control] = days


def _inherit(found: Statuses, servers: "QuerySet[Server]") -> None:
    """Let what services say of themselves be what it says of those behind them; those that have ended say nothing."""
    givers = inheriting.givers(found.services.keys())
    given = {key: _given(found.services[key], giver) for key, giver in givers.items()}
    found.services = {key: here for key, here in given.items() if here.stated}
    found.behind = inheriting.behind(servers, found.services.keys())


def _given(here: Here, giver: Giver) -> Here:
    inherited = {
        control: (effective.inherited(status, is_whole=giver.is_whole), number, until)
        for control, (status, number, until) in here.stated.items()
    }
    return Here(here.place, {key: row for key, row in inherited.items() if row[0] != NOT_KNOWN}, service=str(giver))


def _at(found: Statuses, server: UUID | None, deployment: UUID | None) -> Here:
    if deployment:
        return found.deployments.setdefault(deployment, Here("deployment"))
    return found.servers.setdefault(server, Here("server")) if server else found.general
