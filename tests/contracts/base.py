"""The estate that all contracts are tried on, and who tries them."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

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

NOW = estate.NOW
MOST = 100


class OfTheEstate(built.OnTheEstate):
    """One register with rows of every noun, some of them in another unit; each test leaves it as it was."""

    _callers: ClassVar[dict[str, Caller]] = {}
    _clients: ClassVar[dict[str, Client]] = {}
    _whole: ClassVar[dict[tuple[str, str, str], list[dict[str, Any]]]] = {}

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls._whole.clear()
        with frozen(NOW):
            further.add(cls.estate)
            cls._callers.update({role: Caller(cls.estate.person(role), now=NOW) for role in estate.PEOPLE})
            cls._clients.update({role: cls.estate.client(role) for role in estate.PEOPLE})

    def setUp(self) -> None:
        super().setUp()
        # Every refusal is logged, which would take longer than the refusals.
        logging.disable(logging.WARNING)
        self.addCleanup(logging.disable, logging.NOTSET)

    def caller(self, role: str) -> Caller:
        """Return who calls the API in that role, with all scopes."""
        return self._callers[role]

    def client_of(self, role: str) -> Client:
        """Return the browser of somebody in that role, who has signed in."""
        return self._clients[role]

    def whole(self, one: "Listed", *, ordering: str = "") -> list[dict[str, Any]]:
        """Return all rows of a list to whom sees most of it, as they were read first: no test leaves another row."""
        key = (one.path, one.reader, ordering)
        if key not in self._whole:
            self._whole[key] = one.rows(self.caller(one.reader), **({"ordering": ordering} if ordering else {}))
        return self._whole[key]

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
