"""Comparing what is on record as observed with what the sealed events of the looks say was seen.

Whoever changes an observation, adds one or takes one away finds no event that says so; whoever changes the text of a
look has another digest than its event. That the events are those that happened is the seal's to check.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from audit import authenticity
from audit.models import Event
from monitoring import sightings
from monitoring.models import Observation, Run, Sighting
from riskregister.canonical import digest
from seal.problems import Problem
from vendors.models import Server

_ENDS = {"run.complete": Run.Status.COMPLETE, "run.empty": Run.Status.EMPTY, "run.failed": Run.Status.FAILED}
_WHERE = ("server", "collector", "address", "key")
_COLUMNS = ("run", "last_seen_at", "run__ended_at", "run__status", "run__as_of", "is_seen")


class Ended(NamedTuple):
    """The event of a look's end: its place among all, which look that was and of what, when and how it ended."""

    place: int
    run: str
    server: str
    at: str
    status: str


class Last(NamedTuple):
    """Who saw an observation last, the digest of that look's text, and a digest of what it says."""

    ended: Ended
    sighting: str
    as_of: str | None
    observed_digest: bytes


@dataclass
class Claims:
    """What events and texts say: each observation as it was seen last, and where it was last seen no more."""

    looks: dict[str, Ended] = field(default_factory=dict)
    seen: dict[bytes, Last] = field(default_factory=dict)
    gone: dict[bytes, int] = field(default_factory=dict)


@dataclass
class Compared:
    """How many observations and texts of looks were compared."""

    observations: int = 0
    sightings: int = 0


def problems() -> Iterator[Problem]:
    """Yield whatever on record as observed is not what looks saw."""
    yield from compare(Compared())


def compare(count: Compared) -> Iterator[Problem]:
    """Yield the same, and count what was compared. Of a server that went with the demo organisation nothing is left."""
    claims = Claims()
    yield from _read_events(claims)
    yield from _read_sightings(claims, count)
    for row in _rows():
        count.observations += 1
        found = claims.seen.pop(_name(*map(str, row[1:5])), None)
        if sentence := _difference(row, found, claims):
            yield Problem("observation", str(row[0]), sentence)
    for last in claims.seen.values():
        yield Problem("observation", f"of look {last.ended.run}", "Something that it saw is gone.")


def _read_events(claims: Claims) -> Iterator[Problem]:
    """Take in which look said last which digest; a look that saw the same again stands for those before it."""
    events = Event.objects.filter(verb__in=_ENDS).order_by("pk").values_list("pk", "verb", "body", "mac")
    for place, (pk, verb, body, mac) in enumerate(events.iterator(chunk_size=2_000)):
        if not authenticity.is_ours(body, mac):
            yield Problem("trail", f"event {pk}", "The register did not write it.")
            continue
        content = orjson.loads(body)
        if saw := content["data"].get("saw", ""):
            claims.looks[saw] = Ended(place, content["object"]["id"], content["concerns"], content["at"], _ENDS[verb])


def _read_sightings(claims: Claims, count: Compared) -> Iterator[Problem]:
    there = set()
    for key, text in Sighting.objects.order_by("pk").values_list("pk", "text").iterator(chunk_size=200):
        count.sightings += 1
        there.add(key)
        ended = claims.looks.get(key)
        if ended is None:
            yield Problem("sighting", key, "It is there, and no event says so.")
        elif digest(text) != key:
            yield Problem("sighting", key, "It is not what the event of its look says.")
        else:
            _take(claims, ended, key, sightings.read(text))
    servers = {str(key) for key in Server.objects.values_list("pk", flat=True)}
    for key, ended in claims.looks.items():
        if key not in there and ended.server in servers:
            yield Problem("sighting", key, f"It is gone: what look {ended.run} saw is not known any more.")


def _take(claims: Claims, ended: Ended, key: str, sighting: dict[str, Any]) -> None:
    """Take in what one look says; texts come in any order, and of two that name the same the later look counts."""
    where, as_of = (sighting["server"], sighting["collector"]), sighting["as_of"]
    for one in sighting["seen"]:
        name = _name(*where, sighting["address"], one["key"])
        known = claims.seen.get(name)
        if known is None or known.ended.place < ended.place:
            claims.seen[name] = Last(ended, key, as_of, _mark([one[field] for field in sightings.FIELDS]))
    for address, lost in sighting["gone"]:
        name = _name(*where, address, lost)
        claims.gone[name] = max(claims.gone.get(name, -1), ended.place)


def _rows() -> Iterator[tuple[Any, ...]]:
    columns = ("pk", *_WHERE, *sightings.FIELDS, *_COLUMNS)
    return Observation.objects.order_by().values_list(*columns).iterator(chunk_size=2_000)


def _difference(row: tuple[Any, ...], last: Last | None, claims: Claims) -> str:
    if last is None:
        return "It is there, and no look saw it."
    observed, (run, seen_at, ended_at, status, as_of, is_seen) = row[5 : -len(_COLUMNS)], row[-len(_COLUMNS) :]
    *values, first_seen_at, value_since = observed
    if _mark([*values, sightings.moment(first_seen_at), sightings.moment(value_since)]) != last.observed_digest:
        return "It is not as the look that saw it last says."
    ended = last.ended
    moments = [sightings.moment(one) for one in (seen_at, ended_at, as_of)]
    if [str(run), status, *moments] != [ended.run, ended.status, ended.at, ended.at, last.as_of]:
        return "Another look than it says saw it last, or at another moment."
    if is_seen != (ended.place > claims.gone.get(_name(*map(str, row[1:5])), -1)):
        return "Whether it is still seen is not as the looks say."
    return ""


def _name(*where: str) -> bytes:
    return hashlib.blake2b("\0".join(where).encode(), digest_size=16).digest()


def _mark(values: list[Any]) -> bytes:
    return hashlib.blake2b(orjson.dumps(values), digest_size=16).digest()
