"""What the lists of the product offer, as their declarations say: every filter with values that it has, every order.

For whoever must ask all of it: the plans of the statements, and the benchmark of how they grow.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.test import Client

from api.urls import router
from riskregister import filters
from riskregister.lists import List
from tests.journeys.routes import Route, address, routes
from web.page_parts.listing import Listing

# A frequent word, one of few rows, and one too short for trigrams; the filling has them.
WORDS = ("server", "00077", "se")
# Of filters that ask no column by their name.
GIVEN = {
    "noun": ("finding", "vendor"), "seen_by": ("composition", "inspection"), "licence": ("MIT", "BSD-3-Clause"),
    "tag": ("payments",),
}  # fmt: skip


_pages: list[tuple[Route, List]] = []


def listed_pages(client: Client) -> list[tuple[Route, List]]:
    """Return the pages of lists with the list of each, which are looked for once.

    Django tells what a page was made of in its test environment only (`setup_test_environment`).
    """
    if not _pages:
        _pages.extend(_looked_for(client))
    assert _pages, "no page told of a list: this is not Django's test environment"
    return _pages


def _looked_for(client: Client) -> Iterator[tuple[Route, List]]:
    for route in routes():
        if route.is_api or route.arguments or not route.name.startswith("web:"):
            continue
        context: Any = client.get(address(route, {})).context
        shown = context.get("list") if context else None
        if isinstance(shown, Listing):
            yield route, shown.of


@dataclass(frozen=True, slots=True)
class Door:
    """One list at one door: where it is, what it lists for whom, and the words of its orders there."""

    path: str
    of: List
    orders: tuple[str, ...]
    sorts: str
    cursor: str
    view: Any = None

    def asked(self, **query: str) -> str:
        """Return an address of the list."""
        return f"{self.path}?{urlencode(query)}" if query else self.path


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a list: one filter, or none, in one order."""

    door: Door
    filter: str
    value: str
    order: str

    @property
    def query(self) -> dict[str, str]:
        """Return the parameters."""
        given = {self.filter: self.value} if self.filter else {}
        return given | ({self.door.sorts: self.order} if self.order else {})

    @property
    def path(self) -> str:
        """Return the address."""
        return self.door.asked(**self.query)

    def __str__(self) -> str:
        """Return what is asked, the value left out where it is a key."""
        value = "…" if len(self.value) > 24 else self.value
        narrowed = f" {self.filter}={value}" if self.filter else ""
        return f"{self.door.path}{narrowed} by {self.order or 'default'}"


def doors(client: Client) -> Iterator[Door]:
    """Yield every list of the API and of the pages; `client` is somebody who may open all pages."""
    registered: list[tuple[str, Any, str]] = router.registry
    for path, view, _name in registered:
        orders = tuple(view.of.orderings(*view.orders))
        yield Door(f"/api/v1/{path}/", view.of, orders, "ordering", "cursor", view)
    for route, of in listed_pages(client):
        words = dict.fromkeys([of.default, *(column.sort for column in of.columns if column.sort)])
        yield Door(address(route, {}), of, tuple(words), "sort", "position")


def questions(door: Door, user: Any) -> Iterator[Question]:
    """Yield every order without a filter, and every filter in every order that it can be had in."""
    for order in door.orders:
        yield Question(door, "", "", order)
    for name, one in door.of.filters.base_filters.items():
        bound = door.of.filters.ranges.get(name, "")
        # One way: an index is read backwards as it is read forwards.
        ways = {order.removeprefix("-"): order for order in reversed(door.orders)}
        orders = [order for word, order in ways.items() if not bound or word == bound]
        for value in _values(door.of, name, one, user):
            yield from (Question(door, name, value, order) for order in orders or [""])


def _values(of: List, name: str, one: Any, user: Any) -> Iterable[str]:
    """Return values of a filter: some of its words, or the most frequent that is stored and one of the rarest."""
    if isinstance(one, filters.Flag | filters.Overdue):
        return ("true", "false")
    if isinstance(one, filters.Choice | filters.One):
        choices = one.extra["choices"]
        words = [str(word) for word, _ in (choices() if callable(choices) else choices)]
        return dict.fromkeys([words[0], words[len(words) // 2], words[-1]])
    if isinstance(one, filters.Words) or name in GIVEN:
        return GIVEN.get(name, WORDS)
    if isinstance(one, filters.Key) and one.rows:
        keys = [str(row.pk) for row in one.rows(user)[:1]]
        return [*keys, *one.understands]
    if isinstance(one, filters.Moment):
        return _moments(of.rows(user), one.field_name)
    if isinstance(one, filters.Day):
        return [moment[:10] for moment in _moments(of.rows(user), one.field_name)]
    return _stored(of.rows(user), one.field_name)


def _stored(rows: "QuerySet[Any]", path: str) -> list[str]:
    """Return the most frequent value of a column and one of the rarest."""
    counted = rows.order_by().exclude(**{f"{path}__isnull": True}).values_list(path).annotate(n=Count("pk"))
    often, seldom = counted.order_by("-n", path).first(), counted.order_by("n", path).last()
    return list(dict.fromkeys(str(found[0]) for found in (often, seldom) if found))


def _moments(rows: "QuerySet[Any]", path: str) -> list[str]:
    """Return a day or moment that a tenth of the rows lie before, and one that a tenth lie behind."""
    known = rows.order_by(path).exclude(**{f"{path}__isnull": True}).values_list(path, flat=True)
    count = known.count()
    return [value.isoformat() for place in (count // 10, count * 9 // 10) for value in known[place : place + 1]]
