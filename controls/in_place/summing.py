"""What holds of controls in thousands of places at once, as sets alone: a row a place, not one a control.

The database puts the keys of the controls, each with what is stated of it, into one text a place: a hundred thousand
statuses of 5,000 servers are some five thousand rows then. Of many places the same is said: a text is taken apart once,
and what holds where the same is said is worked out once, by the one rule of `controls.in_place.reading`. Who says it is
not read.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import Case, F, Q, QuerySet, TextField, When
from django.db.models.functions import Cast, Coalesce

from controls.in_place import reading
from controls.in_place.effective import NOT_KNOWN
from controls.in_place.overlays import Sourced
from controls.in_place.reading import Sets
from controls.models import ControlStatus, Place, SourcedStatuses, Word
from controls.models.status import TO_DO
from riskregister.queries.aggregates import Joined
from vendors.models import Deployment, Server

_Keys = frozenset[int]
# A source ("": persons), and the text of what it says.
_Text = tuple[str, str]
# A number is put together of the days of work and one, or none of either; the key of a control; and a code for what is
# stated of it, greater where it has lapsed.
_WORDS = tuple(Word.values)
_LAPSED, _CODES = len(_WORDS), 2 * len(_WORDS)
_DAYS = 2**40


@dataclass(frozen=True, slots=True, eq=False)
class Summed:
    """What is said in one place, or in many alike: the keys of controls by what is stated of them and has not lapsed,
    the keys of all of which anything is stated, what sources say, and the days of work until a control is in place.
    """

    standing: Mapping[str, _Keys]
    stated: _Keys
    sourced: Sequence[Sourced]
    effort: Mapping[int, int]

    def standing_on(self, _today: date) -> Mapping[str, _Keys]:
        """Return the keys of what is stated and has not lapsed: as it was read, for its day."""
        return self.standing


def load(deployments: "QuerySet[Deployment]", *, today: date, controls: Collection[int]) -> Sets[Summed]:
    """Return what holds of these controls, and perhaps of others, for deployments, their servers and the organisation.
    Three statements, five where shared services give anything.
    """
    keys, servers = deployments.order_by().values("pk"), deployments.order_by().values("server")
    of_servers = Q(server__in=servers, deployment=None)
    stated = [of_servers, Q(place=Place.DEPLOYMENT, deployment__in=keys)]
    sourced, shared = [of_servers, Q(deployment__in=keys)], Server.objects.filter(pk__in=servers)
    return _loaded(stated, sourced, shared, today=today, controls=controls)


def load_servers(servers: "QuerySet[Server]", *, today: date, controls: Collection[int] | None = None) -> Sets[Summed]:
    """Return what holds of all controls, or of some, for servers with all their deployments, and the organisation. As
    many statements.
    """
    places = [Q(server__in=servers.order_by().values("pk"))]
    return _loaded(places, places, servers, today=today, controls=controls)


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
        {key: summed(Place.SERVER, tuple(sorted(pairs))) for key, pairs in of_servers.items()},
        {key: summed(Place.DEPLOYMENT, tuple(sorted(pairs))) for key, pairs in of_deployments.items()},
    )


def _stated(places: Sequence[Q], today: date, controls: Collection[int] | None) -> Iterator[Any]:
    """Yield a row a place: what persons state there, a number a control."""
    texts = reading.any_of(reading.near(_numbers(today), controls), places, "server_id", "deployment_id", "text")
    return ((server, deployment, "", text) for server, deployment, text in texts)


@lru_cache(maxsize=1)
def _numbers(today: date) -> "QuerySet[Any, Any]":
    """Return what is asked for, which takes as long to put together as to ask for a page of deployments."""
    word = Case(*(When(state=word, then=code) for code, word in enumerate(_WORDS)))
    lapsed = Case(When(ControlStatus.lapsed_on(today), then=_LAPSED), default=0)
    days = Case(When(state__in=TO_DO, then=Coalesce(F("effort_days") + 1, 0)), default=0)
    number = F("control") * _CODES + word + lapsed + days * _DAYS
    return ControlStatus.objects.stated().values("server_id", "deployment_id").annotate(text=Joined(number))


def _sourced(places: Sequence[Q], today: date) -> "QuerySet[Any]":
    """Return a row a place and source: what it says there."""
    rows = SourcedStatuses.objects.counting(today=today).annotate(text=Cast("by_status", TextField()))
    return reading.any_of(rows, places, "server_id", "deployment_id", "source", "text")


class _Summing:
    """Puts together what is said in one place, and once what is said in many, in whichever order they say it."""

    def __init__(self) -> None:
        self._by_status = cache(_by_status)
        self._alike: dict[Any, Summed] = {}

    def __call__(self, place: str, pairs: tuple[_Text, ...]) -> Summed:
        stated = frozenset(int(one) for source, text in pairs if not source for one in text.split(","))
        sourced = tuple((source, text) for source, text in pairs if source)
        if (place, stated, sourced) not in self._alike:
            found = [Sourced(place, source, "", self._by_status(text)) for source, text in sourced]
            self._alike[place, stated, sourced] = _summed(stated, found)
        return self._alike[place, stated, sourced]


def _summed(numbers: Iterable[int], sourced: Sequence[Sourced]) -> Summed:
    found: dict[int, list[int]] = defaultdict(list)
    effort: dict[int, int] = {}
    for number in numbers:
        days, rest = divmod(number, _DAYS)
        control, code = divmod(rest, _CODES)
        found[code].append(control)
        if days:
            effort[control] = days - 1
    standing = {_WORDS[code]: frozenset(keys) for code, keys in found.items() if code < _LAPSED}
    return Summed(standing, frozenset(chain.from_iterable(found.values())), sourced, effort)


def _by_status(text: str) -> Mapping[str, _Keys]:
    return {status: frozenset(keys) for status, keys in json.loads(text).items() if status != NOT_KNOWN}
