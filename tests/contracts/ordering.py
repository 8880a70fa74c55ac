"""Every order that a list declares really orders, both ways, and its pages show each row once."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

from django.db.models import Model

from api.pagination import LIMIT_MAX
from tests.api.caller import Caller
from tests.contracts.base import Listed, OfTheEstate, key_of, lists

# Nouns of which the register has one row.
ONLY_ONE = {"questionset"}
# An order whose word is no member of the row -> the path of what it orders by.
MEANT: dict[tuple[str, str], str] = {
    ("serverrating", "risk"): "residual_rank",
    ("evidence", "valid"): "valid_until",
    ("component", "added"): "id",
}
PAGES = 5
# How many other lists are asked with a cursor of a list, beside those of its noun.
NEXT = 3
Place = tuple[bool, Any]


class OrderContract(OfTheEstate):
    """Orders and pages."""

    def test_every_order_is_the_one_that_its_word_says(self) -> None:
        self.holds(wrong for one in lists() for wrong in self._wrong_orders(one))

    def test_pages_show_each_row_once_both_ways(self) -> None:
        self.holds(wrong for one in lists() for wrong in self._wrong_pages(one))

    def test_a_cursor_belongs_to_one_list_its_filters_and_its_order(self) -> None:
        self.holds(wrong for one in lists() for wrong in self._cursors_taken(one))

    def _cursors_taken(self, one: Listed) -> Iterator[str]:
        caller = self.caller(one.reader)
        word, *others = one.orderings
        following = caller.read(one.path, limit=1, ordering=word)["next"]
        if following is None:
            if one.noun.kind not in ONLY_ONE:
                yield f"{one.path}: the estate has one row."
            return
        query = dict(parse_qsl(urlsplit(following).query))
        elsewhere = [(other.path, query) for other in _others(one)]
        ordered = [(one.path, query | {"ordering": other}) for other in others]
        narrowed = [(one.path, query | filters) for filters in _narrowing(one)]
        spoiled = [(one.path, query | {"cursor": spoiled_cursor}) for spoiled_cursor in _spoiled(query["cursor"])]
        for path, filters in (*elsewhere, *ordered, *narrowed, *spoiled):
            response = caller.get(path, **filters)
            # Another list may not know the order either, or be for administrators.
            is_refused = _is_of_a_cursor(response) if path == one.path else response.status_code in (400, 403)
            if not is_refused:
                yield f"{path}?{filters} takes a cursor of {following}: {response.status_code}"
        if caller.get(one.path, **query | {"limit": "2"}).status_code != 200:
            yield f"{one.path}: pages may not differ in length."

    def _wrong_orders(self, one: Listed) -> Iterator[str]:
        for word in one.orderings:
            rows = self.whole(one, ordering=word)
            if len(rows) < 3 and one.noun.kind not in ONLY_ONE:
                yield f"{one.path}: the estate has {len(rows)} rows, too few to be in an order."
            places = [_place(one, word, row) for row in one.objects(rows)]
            if places != sorted(places, reverse=word.startswith("-")):
                yield f"{one.path}?ordering={word}: {[value for _none, value in places]}"
            turned = word[1:] if word.startswith("-") else f"-{word}"
            if turned not in one.orderings:
                yield f"{one.path}?ordering={word} cannot be turned round."
            elif [key_of(row) for row in self.whole(one, ordering=turned)] != [key_of(row) for row in rows][::-1]:
                yield f"{one.path}?ordering={turned} does not mirror {word}."

    def _wrong_pages(self, one: Listed) -> Iterator[str]:
        caller = self.caller(one.reader)
        for word in one.orderings:
            at_once = [key_of(row) for row in self.whole(one, ordering=word)]
            size = min(max(1, len(at_once) // 3), LIMIT_MAX)
            forth, last = _walked(caller, one.path, "next", limit=size, ordering=word)
            if forth != at_once[: len(forth)] or len(forth) < min(len(at_once), PAGES * size):
                yield f"{one.path}?ordering={word}&limit={size} shows {len(set(forth))} of {len(at_once)} rows."
            back, _first = _walked(caller, last, "previous")
            if back != forth:
                yield f"{one.path}?ordering={word}: the way back shows other rows."


def _others(one: Listed) -> Iterator[Listed]:
    """Yield the other lists of the same noun and those that follow in the order of all: each list is asked by some."""
    every = list(lists())
    place = [other.path for other in every].index(one.path)
    for distance, other in enumerate(every[place + 1 :] + every[:place]):
        if distance < NEXT or other.noun is one.noun:
            yield other


def _narrowing(one: Listed) -> Iterator[dict[str, str]]:
    """Yield a query that narrows a list; what it finds does not matter."""
    for name in one.filters:
        if name in ("search", "version", "unit", "server", "assignee"):
            yield {name: str(UUID(int=0))}


def _spoiled(cursor: str) -> Iterator[str]:
    """Yield what is no cursor: half of one, another position under the same signature, junk."""
    position, _, signature = cursor.rpartition("~")
    yield from (cursor[:-4], cursor[4:], position, signature, f"{position[::-1]}~{signature}", f"x{cursor}")
    yield from ("x", "é", "W10", "A" * 5000, "\0", "~", "~~")


def _is_of_a_cursor(response: Any) -> bool:
    problem = response.json()
    return bool(problem.get("type") == "urn:mcp-risk-register:problem:cursor-invalid" and response.status_code == 400)


def _walked(caller: Caller, start: str, way: str, **query: Any) -> tuple[list[Any], str]:
    """Return the keys of the rows as the list orders them, and the address of the last page; at most five pages."""
    here, page = start, caller.read(start, **query)
    pages = [page]
    while page[way] and len(pages) < PAGES:
        here, page = page[way], caller.read(page[way])
        pages.append(page)
    return [key_of(row) for page in pages[:: 1 if way == "next" else -1] for row in page["results"]], here


def _place(one: Listed, word: str, row: Model) -> Place:
    """Return where a row belongs in an ascending order: what has no value comes last."""
    name = word.removeprefix("-")
    found: Any = row
    for part in MEANT.get((one.noun.kind, name), name).split("."):
        found = getattr(found, part)
    if isinstance(found, datetime):
        found = found.timestamp()
    return found is None, "" if found is None else found
