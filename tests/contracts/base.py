"""The estate that all contracts are tried on, and who tries them."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.test import Client

from api.urls import router
from riskregister import nouns
from riskregister.lists import List
from riskregister.nouns import Noun
from tests.api.caller import Caller, frozen
from tests.contracts import further
from tests.journeys import built, estate
from tests.journeys.routes import Route, address, routes
from web.listing import Listing

NOW = estate.NOW
MOST = 100


class OfTheEstate(built.OnTheEstate):
    """One register with rows of every noun, some of them in another unit."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        with frozen(NOW):
            further.add(cls.estate)

    def setUp(self) -> None:
        super().setUp()
        # Every refusal is logged, which would take longer than the refusals.
        logging.disable(logging.WARNING)
        self.addCleanup(logging.disable, logging.NOTSET)
        self.callers: dict[str, Caller] = {}

    def caller(self, role: str) -> Caller:
        """Return who calls the API in that role, with all scopes."""
        if role not in self.callers:
            self.callers[role] = Caller(self.estate.person(role), now=NOW)
        return self.callers[role]

    def holds(self, wrong: Iterable[str]) -> None:
        """Fail with everything that is wrong."""
        found = list(wrong)
        assert not found, "\n".join(["", *found])


class Listed:
    """A list of the API: where it is, what it shows, and who sees most of it."""

    def __init__(self, path: str, view: Any, base: str) -> None:
        self.path, self.view, self.base = f"/{path}/", view, base
        self.of: List = view.of
        self.filters: dict[str, Any] = self.of.filters.base_filters
        self.orderings = self.of.orderings(*view.orders)
        self.noun: Noun = nouns.card(view.serializer_class.Meta.model)

    @property
    def reader(self) -> str:
        """Return the role that sees the rows: an alert is for whom it was meant, the rest for administrators too."""
        return "analyst" if self.noun.kind == "alert" else "administrator"

    def rows(self, caller: Caller, **query: Any) -> list[dict[str, Any]]:
        """Return all rows, page by page."""
        page = caller.read(self.path, limit=MOST, **query)
        found: list[dict[str, Any]] = page["results"]
        while page["next"]:
            page = caller.read(page["next"])
            found += page["results"]
        return found

    def objects(self, rows: Iterable[dict[str, Any]]) -> list[Model]:
        """Return the rows as the database has them, in their order."""
        keys = [key_of(row) for row in rows]
        known = self.noun.model._base_manager.in_bulk(keys)
        return [known[key] for key in (self.noun.model._meta.pk.to_python(key) for key in keys)]


def key_of(row: dict[str, Any]) -> Any:
    """Return the key of a row; a rating has that of its server."""
    return row["id"] if "id" in row else row["server"]["id"]


def lists() -> Iterator[Listed]:
    """Yield all lists of the API."""
    for path, view, base in router.registry:
        yield Listed(path, view, base)


def listed_pages(client: Client) -> Iterator[tuple[Route, List]]:
    """Yield the pages of lists with the list of each."""
    for route in routes():
        if route.is_api or route.arguments or not route.name.startswith("web:"):
            continue
        context: Any = client.get(address(route, {})).context
        shown = context.get("list") if context else None
        if isinstance(shown, Listing):
            yield route, shown.of


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever the block does."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements that write in the block."""
    written: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            written.append(sql[:80])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield written
