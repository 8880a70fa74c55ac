"""The file of a list holds what its page shows, in the same order, to whoever asks; orders of pages turn round."""

import csv
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from io import StringIO
from typing import Any

from django.test import Client

from tests.contracts.base import OfTheEstate
from tests.journeys.routes import Route, address
from tests.listed import listed_pages

# By whom: an administrator of everything, a member of the unit, a stranger to it.
READERS = ("administrator", "analyst", "stranger")
PER_PAGE = 50
Rows = list[list[str]]


class CsvContract(OfTheEstate):
    """Files of lists."""

    def test_a_file_has_the_rows_of_its_page_in_their_order(self) -> None:
        found = [route for route, _of in listed_pages(self.client_of("administrator"))]
        assert len(found) > 10, found
        self.holds(
            wrong for route in found for role in READERS for wrong in _differs(self.client_of(role), route, role)
        )

    def test_every_order_of_a_page_turns_round(self) -> None:
        client = self.client_of("administrator")
        self.holds(wrong for route, _of in listed_pages(client) for wrong in _wrong_orders(client, route))

    def test_a_file_narrows_as_its_page_does(self) -> None:
        client = self.client_of("administrator")
        for route, _of in listed_pages(client):
            query = {"q": "no row has such words"}
            html = _html(client, route)
            # Beside the search of the whole register.
            if 'name="search"' not in html and html.count('name="q"') < 2:
                continue
            assert _file(client, route, **query)[1] == [], route.name
            assert _page(client, route, **query) == [], route.name


class Table(HTMLParser):
    """The texts of the rows of a page's list, cell by cell; a table of figures beside it is no list."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.is_a_list = self.in_body = self.in_cell = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if "table-wrap" in classes:
            self.is_a_list = "long" in classes
        self.in_body = (tag == "tbody" and self.is_a_list) or (self.in_body and tag != "table")
        if self.in_body and tag == "tr":
            self.rows.append([])
        if self.in_body and tag in ("td", "th"):
            self.rows[-1].append("")
            self.in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self.in_body = self.in_body and tag != "tbody"
        self.in_cell = self.in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.in_body and self.in_cell:
            self.rows[-1][-1] += data


def _differs(client: Client, route: Route, role: str) -> Iterator[str]:
    page = client.get(address(route, {}))
    if page.status_code == 403:
        if client.get(address(route, {}), {"format": "csv"}).status_code != 403:
            yield f"{route.name} as {role}: the file can be had, the page cannot."
        return
    header, rows = _file(client, route)
    if len(set(header)) != len(header):
        yield f"{route.name}: {header}"
    shown = _cells(_text(page, route))
    if len(shown) != min(len(rows), PER_PAGE):
        yield f"{route.name} as {role}: {len(shown)} rows on the page, {len(rows)} in the file"
        return
    if len(rows) > 1 and not any(_is_shown(column, shown) for column in zip(*rows, strict=True)):
        yield f"{route.name} as {role}: no column that tells the rows apart stands on the page in their order."


def _is_shown(column: tuple[str, ...], shown: Rows) -> bool:
    """Return whether the page has the values of a column of the file in the same order, and they differ."""
    pairs = zip(column, shown, strict=False)
    return len(set(column)) > 1 and all(any(value and value in cell for cell in cells) for value, cells in pairs)


def _wrong_orders(client: Client, route: Route) -> Iterator[str]:
    words = sorted({word.removeprefix("-") for word in re.findall(r"[?&;]sort=([\w-]+)", _html(client, route))})
    if not words:
        yield f"{route.name}: nothing to order by"
    for word in words:
        up, down = (_file(client, route, sort=sort)[1] for sort in (word, f"-{word}"))
        if up != down[::-1]:
            yield f"{route.name}?sort=-{word} does not mirror {word}."


def _file(client: Client, route: Route, **query: str) -> tuple[list[str], Rows]:
    response: Any = client.get(address(route, {}), {"format": "csv"} | query)
    assert response.status_code == 200, (route.name, response.status_code)
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    header, *rows = csv.reader(StringIO(text))
    return header, rows


def _page(client: Client, route: Route, **query: str) -> Rows:
    return _cells(_html(client, route, **query))


def _cells(html: str) -> Rows:
    """Return the cells of the rows; a row with one cell is a heading between them."""
    return [cells for cells in Table(html).rows if len(cells) > 1]


def _html(client: Client, route: Route, **query: str) -> str:
    return _text(client.get(address(route, {}), query), route)


def _text(response: Any, route: Route) -> str:
    assert response.status_code == 200, (route.name, response.status_code)
    text: str = response.content.decode()
    return text
