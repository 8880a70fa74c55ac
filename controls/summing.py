"""What holds of controls in thousands of places at once, as sets alone: a row a place, not one a control.

The database puts the keys of the controls, each with what is stated of it, into one text a place: a hundred thousand
statuses of 5,000 servers are some five thousand rows then. Of many places the same is said: a text is taken apart once,
and what holds where the same is said is worked out once, by the one rule of `controls.reading`. Who says it is not
read.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, TextField, When
from django.db.models.functions import Cast

from controls import reading
from controls.effective import NOT_KNOWN
from controls.models import ControlStatus, Place, SourcedStatuses, Word
from controls.overlays import Told
from controls.reading import Sets
from riskregister.aggregates import Joined
from vendors.models import Deployment, Server

_Keys = frozenset[int]
# A source ("": persons), and the text of what it says.
_Text = tuple[str, str]
# In the last digits of a number: what is stated of a control, and whether it has lapsed.
_WORDS = tuple(Word.values)
_LAPSED, _CODES = len(_WORDS), 2 * len(_WORDS)


@dataclass(frozen=True, slots=True, eq=False)
class Summed:
    """What is said in one place, or in many alike: the keys of controls by what is stated of them and has not lapsed,
    the keys of all of which anything is stated, and what sources say.
    """

    standing: Mapping[str, _Keys]
    stated: _Keys
    told: Sequence[Told]

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
    of_servers: dict[UUID, list[_Text]] = defaultdict(list)
    of_deployments: dict[UUID, list[_Text]] = defaultdict(list)
    texts = (_stated(stated, today, controls), _sourced(sourced, today))
    for server, deployment, source, text in chain.from_iterable(texts):
        (of_deployments[deployment] if deployment else of_servers[server]).append((source, text))
    # Kept for this reading alone: of thousands of servers it is more than a process should hold on to.
    summed = cache(_Summing())
    return Sets(
        today,
        shared.general,
        shared.services,
        shared.behind,
        {key: summed(Place.SERVER, tuple(said)) for key, said in of_servers.items()},
        {key: summed(Place.DEPLOYMENT, tuple(said)) for key, said in of_deployments.items()},
    )


def _stated(places: Sequence[Q], today: date, controls: Collection[int] | None) -> Iterator[Any]:
    """Yield a row a place: what persons state there, each control with its code behind its key."""
    rows, place = ControlStatus.objects.stated(), ("server_id", "deployment_id")
    if controls is not None:
        rows = rows.filter(control__in=controls)
    word = Case(*(When(state=word, then=code) for code, word in enumerate(_WORDS)))
    lapsed = Case(When(ControlStatus.lapsed_on(today), then=_LAPSED), default=0)
    texts = rows.values(*place).annotate(text=Joined(F("control") * _CODES + word + lapsed))
    return ((*where, "", text) for *where, text in reading.any_of(texts, places, *place, "text"))


def _sourced(places: Sequence[Q], today: date) -> "QuerySet[Any]":
    """Return a row a place and source: what it says there."""
    rows = SourcedStatuses.objects.counting(today=today).annotate(text=Cast("said", TextField()))
    return reading.any_of(rows, places, "server_id", "deployment_id", "source", "text")


class _Summing:
    """Puts together what is said in one place; a text is taken apart once, wherever else it is said."""

    def __init__(self) -> None:
        self._by_status = cache(_by_status)

    def __call__(self, place: str, said: tuple[_Text, ...]) -> Summed:
        stated = [text for source, text in said if not source]
        told = [Told(place, source, "", self._by_status(text)) for source, text in said if source]
        standing, every = _taken_apart(*stated) if stated else ({}, frozenset())
        return Summed(standing, every, told)


def _taken_apart(text: str) -> tuple[Mapping[str, _Keys], _Keys]:
    """Return the keys of controls by what is stated of them and has not lapsed, and those of all."""
    found: dict[int, list[int]] = defaultdict(list)
    for control, code in (divmod(int(one), _CODES) for one in text.split(",")):
        found[code].append(control)
    standing = {_WORDS[code]: frozenset(keys) for code, keys in found.items() if code < _LAPSED}
    return standing, frozenset(chain.from_iterable(found.values()))


def _by_status(text: str) -> Mapping[str, _Keys]:
    return {status: frozenset(keys) for status, keys in json.loads(text).items() if status != NOT_KNOWN}
