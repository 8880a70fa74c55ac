"""What holds of controls in thousands of places at once, as sets alone: a row a place and status, not one a control.

The database puts the keys of the controls into one text: a hundred thousand statuses of 5,000 servers are some ten
thousand rows then, and a text that many places have is taken apart once. What holds is worked out by the one rule of
`controls.reading`; who says it is not read.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from uuid import UUID

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from controls import reading
from controls.effective import NOT_KNOWN
from controls.models import ControlStatus, Place, SourcedStatuses
from controls.overlays import Told
from controls.reading import Sets
from riskregister.aggregates import Joined
from vendors.models import Deployment, Server

_Keys = frozenset[int]


@dataclass(slots=True)
class Summed:
    """What is said in one place: the keys of controls by what is stated of them and has not lapsed, the keys of all of
    which anything is stated, and what sources say.
    """

    standing: dict[str, _Keys] = field(default_factory=dict)
    stated: _Keys = frozenset()
    told: list[Told] = field(default_factory=list)

    def standing_on(self, _today: date) -> Mapping[str, _Keys]:
        """Return the keys of what is stated and has not lapsed: as it was read, for its day."""
        return self.standing


def load(deployments: "QuerySet[Deployment]", *, today: date, controls: Collection[int]) -> Sets[Summed]:
    """Return what holds of these controls for deployments, their servers and the organisation. Three statements, five
    where shared services give anything."""
    keys, servers = deployments.order_by().values("pk"), deployments.order_by().values("server")
    of_servers = Q(server__in=servers, deployment=None)
    stated = [of_servers, Q(place=Place.DEPLOYMENT, deployment__in=keys)]
    sourced, shared = [of_servers, Q(deployment__in=keys)], Server.objects.filter(pk__in=servers)
    return _loaded(stated, sourced, shared, today=today, controls=controls)


def load_servers(servers: "QuerySet[Server]", *, today: date) -> Sets[Summed]:
    """Return what holds of all controls for servers with all their deployments, and the organisation. As
    many statements.
    """
    places = [Q(server__in=servers.order_by().values("pk"))]
    return _loaded(places, places, servers, today=today, controls=None)


def _loaded(
    stated: Sequence[Q],
    sourced: Sequence[Q],
    servers: "QuerySet[Server]",
    *,
    today: date,
    controls: Collection[int] | None,
) -> Sets[Summed]:
    shared = reading.load_shared(servers, today=today, controls=controls)
    found: Sets[Summed] = Sets(today, shared.general, shared.services, shared.behind)
    _add_stated(found, stated, controls)
    # Of many places the same is said. What was taken apart is kept for this reading alone: of thousands of servers it
    # is more than a process should hold on to.
    by_status = cache(_by_status)
    columns = ("server_id", "deployment_id", "source", "origin", "text")
    rows = SourcedStatuses.objects.counting(today=today).annotate(text=Cast("said", TextField()))
    for server, deployment, source, origin, text in reading.any_of(rows, sourced, *columns):
        place = "deployment" if deployment else "server"
        _at(found, server, deployment).told.append(Told(place, source, origin, by_status(text)))
    return found


def _add_stated(found: Sets[Summed], places: Sequence[Q], controls: Collection[int] | None) -> None:
    rows, keys_of = ControlStatus.objects.stated(), cache(_keys)
    if controls is not None:
        rows = rows.filter(control__in=controls)
    group = ("server_id", "deployment_id", "state")
    lapsed = Joined("control", filter=ControlStatus.lapsed_on(found.today))
    texts = rows.values(*group).annotate(every=Joined("control"), over=lapsed)
    for server, deployment, state, every, over in reading.any_of(texts, places, *group, "every", "over"):
        here, keys = _at(found, server, deployment), keys_of(every)
        here.stated |= keys
        if left := keys - keys_of(over) if over else keys:
            here.standing[state] = left


def _at(found: Sets[Summed], server: UUID, deployment: UUID | None) -> Summed:
    places, key = (found.deployments, deployment) if deployment else (found.servers, server)
    here = places.get(key)
    if here is None:
        here = places[key] = Summed()
    return here


def _keys(text: str) -> _Keys:
    return frozenset(map(int, text.split(",")))


def _by_status(text: str) -> Mapping[str, _Keys]:
    return {status: frozenset(keys) for status, keys in json.loads(text).items() if status != NOT_KNOWN}
