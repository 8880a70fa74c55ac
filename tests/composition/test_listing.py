"""How a component came into an inventory."""

from composition.listing import Listed, Listing
from tests.composition.ways import path_to


def _listing(**more: tuple[str, ...]) -> Listing:
    parts = tuple(Listed(ref=one, name=one) for one in "abcd")
    return Listing(form="a form", subject="a server", components=parts, roots=("a",), requires=more)


def test_the_shortest_way_to_a_component_is_shown() -> None:
    listing = _listing(a=("b", "c"), b=("c",), c=("d",))
    assert path_to(listing, "d") == ("a", "c", "d")
    assert path_to(listing, "a") == ("a",)


def test_what_needs_itself_is_read_to_its_end() -> None:
    assert path_to(_listing(a=("b",), b=("a",)), "b") == ("a", "b")


def test_a_component_without_a_way_is_neither_direct_nor_transitive() -> None:
    listing = _listing(a=("b",))
    assert [listing.is_direct(one) for one in "abc"] == [True, False, None]
    assert path_to(listing, "c") == ()


def test_of_a_long_way_both_ends_are_told_without_walking_it_for_each() -> None:
    parts = tuple(Listed(ref=str(one), name=str(one)) for one in range(20_000))
    needs = {str(one): (str(one + 1),) for one in range(19_999)}
    listing = Listing(form="a form", subject="a server", components=parts, roots=("0",), requires=needs)
    ways = [listing.way_to(one.ref) for one in parts]
    assert [len(way) for way in ways[:32]] == [*range(31), 30]
    assert ways[3] == ("0", "1", "2")
    assert ways[19_999] == (*map(str, range(15)), *map(str, range(19_984, 19_999)))
    assert listing.way_to("of another document") == ()
