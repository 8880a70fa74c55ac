"""What stops if something stops, worked out over plain links; no database.

A link says that its effect needs its cause. Where something stands in for the cause, the link holds it up: the effect
stops only when the stand-in fails too.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

VENDOR, SERVICE, SERVER, DEPLOYMENT = "vendor", "service", "server", "deployment"
USE_CASE, PROCESS = "use_case", "process"
Node = tuple[str, UUID]


@dataclass(frozen=True, slots=True)
class Link:
    """That `effect` needs `cause`, how in words, and what stands in for the cause there ("": nothing).

    `other` is the stand-in where that is one of the things that can stop: when it does, it holds nothing up.
    """

    cause: Node
    effect: Node
    how: str
    stand_in: str = ""
    other: Node | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """Something that stops, the link by which it does, and whether only when a stand-in fails too."""

    node: Node
    by: Link
    only_without_stand_in: bool


@dataclass(frozen=True, slots=True)
class Recovery:
    """How soon the processes that stop must go on: the shortest time in hours (None: none is known), and of how many
    of them nobody knows it.
    """

    shortest: int | None
    unknown: int


def stops(start: Node, links: Iterable[Link]) -> list[Stop]:
    """Return all that stops with `start`, each once, the nearest first; what a stand-in may hold up comes last.

    A circle of links is gone through once.
    """
    effects: dict[Node, list[Link]] = {}
    for link in links:
        effects.setdefault(link.cause, []).append(link)
    surely = _surely(start, effects)
    perhaps = _reached(dict.fromkeys((start, *surely)), effects, lambda _link: True)
    found = [Stop(node, by, only_without_stand_in=False) for node, by in surely.items()]
    return found + [Stop(node, by, only_without_stand_in=True) for node, by in perhaps.items()]


def _surely(start: Node, effects: Mapping[Node, Sequence[Link]]) -> dict[Node, Link]:
    """Return what stops whatever stands in, with the link that led there; a stand-in that stops too counts for none."""
    found: dict[Node, Link] = {}
    gone: dict[Node, None] = {start: None}

    def holds_nothing_up(link: Link) -> bool:
        return not link.stand_in or link.other in gone

    while more := _reached(gone, effects, holds_nothing_up):
        found |= more
        gone |= dict.fromkeys(more)
    return found


def _reached(
    known: Mapping[Node, None], effects: Mapping[Node, Sequence[Link]], counts: Callable[[Link], bool]
) -> dict[Node, Link]:
    """Return what is reached from what is known by the links that count, each with the link that led there."""
    found: dict[Node, Link] = {}
    near = list(known)
    while near:
        further = []
        for node in near:
            for link in effects.get(node, ()):
                if link.effect not in known and link.effect not in found and counts(link):
                    found[link.effect] = link
                    further.append(link.effect)
        near = further
    return found


def recovery(stopped: Iterable[Stop], hours: Mapping[UUID, int | None]) -> Recovery:
    """Return how soon the processes that surely stop must go on; `hours` has the recovery time of each."""
    known = [hours.get(one.node[1]) for one in stopped if one.node[0] == PROCESS and not one.only_without_stand_in]
    times = [one for one in known if one is not None]
    return Recovery(min(times, default=None), len(known) - len(times))
