"""What stops follows from the links alone: each thing once, circles once, and what is held up apart."""

from uuid import UUID

from landscape import stopping
from landscape.stopping import PROCESS, SERVER, USE_CASE, VENDOR, Link, Node, Recovery, Stop
from tests.tables import for_each


def node(kind: str, number: int) -> Node:
    return kind, UUID(int=number)


V, W, S, T, U, P, Q = (
    node(VENDOR, 1), node(VENDOR, 2), node(SERVER, 3), node(SERVER, 4), node(USE_CASE, 5), node(PROCESS, 6),
    node(PROCESS, 7),
)  # fmt: skip


def links(*pairs: tuple[Node, Node] | tuple[Node, Node, str]) -> list[Link]:
    return [Link(pair[0], pair[1], "Needs it", *pair[2:]) for pair in pairs]


def shown(found: list[Stop]) -> list[tuple[Node, bool]]:
    return [(stop.node, stop.only_without_stand_in) for stop in found]


# What there is, where it begins, what stops, and what only without its stand-in.
CASES: list[tuple[str, list[Link], Node, list[Node], list[Node]]] = [
    ("nothing hangs on it", links((S, U)), V, [], []),
    ("all the way, the nearest first", links((V, S), (V, T), (S, U), (U, P)), V, [S, T, U, P], []),
    ("not what is upstream", links((V, S), (S, U)), S, [U], []),
    ("by two ways once", links((V, S), (V, U), (S, U), (U, P)), V, [S, U, P], []),
    ("a circle ends", links((V, W), (W, V), (W, S)), V, [W, S], []),
    ("held up by a stand-in", links((S, U, "Another"), (U, P)), S, [], [U, P]),
    ("held up one way, not the other", links((S, U, "Another"), (V, S), (V, U)), V, [S, U], []),
    ("held up by what stops too", [*links((V, S), (V, T)), Link(S, U, "x", "T", T)], V, [S, T, U], []),
    ("held up by what goes on", [*links((V, S)), Link(S, U, "x", "T", T)], V, [S], [U]),
    ("held up far away", links((V, S), (S, U), (U, P, "By hand"), (U, Q)), V, [S, U, Q], [P]),
]


@for_each("words, known, start, surely, perhaps", CASES, ids=lambda case: case[0])
def test_what_stops(words: str, known: list[Link], start: Node, surely: list[Node], perhaps: list[Node]) -> None:
    expected = [(one, False) for one in surely] + [(one, True) for one in perhaps]
    assert shown(stopping.stops(start, known)) == expected


def test_each_says_by_which_link_it_stops() -> None:
    found = stopping.stops(V, [Link(V, S, "Its host"), Link(S, U, "Works with it")])
    assert [(stop.by.cause, stop.by.how) for stop in found] == [(V, "Its host"), (S, "Works with it")]


def test_the_shortest_recovery_time_counts_and_what_nobody_knows_is_counted_apart() -> None:
    found = stopping.stops(U, links((U, P), (U, Q)))
    cases: list[tuple[dict[UUID, int | None], Recovery]] = [
        ({P[1]: 8, Q[1]: 4}, Recovery(4, 0)),
        ({P[1]: 0, Q[1]: 4}, Recovery(0, 0)),
        ({P[1]: 8, Q[1]: None}, Recovery(8, 1)),
        ({}, Recovery(None, 2)),
    ]
    assert [stopping.recovery(found, hours) for hours, _ in cases] == [expected for _, expected in cases]
    held_up = stopping.stops(U, links((U, P, "By hand")))
    assert stopping.recovery(held_up, {P[1]: 8}) == Recovery(None, 0)
