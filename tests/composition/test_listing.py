"""How a component came into an inventory."""

from composition.listing import Listed, Listing


def _listing(**more: tuple[str, ...]) -> Listing:
    parts = tuple(Listed(ref=one, name=one) for one in "abcd")
    return Listing(form="a form", subject="a server", components=parts, roots=("a",), requires=more)


def test_the_shortest_way_to_a_component_is_shown() -> None:
    listing = _listing(a=("b", "c"), b=("c",), c=("d",))
    assert listing.path_to("d") == ("a", "c", "d")
    assert listing.path_to("a") == ("a",)


def test_what_needs_itself_is_read_to_its_end() -> None:
    assert _listing(a=("b",), b=("a",)).path_to("b") == ("a", "b")


def test_a_component_without_a_way_is_neither_direct_nor_transitive() -> None:
    listing = _listing(a=("b",))
    assert [listing.is_direct(one) for one in "abc"] == [True, False, None]
    assert listing.path_to("c") == ()
