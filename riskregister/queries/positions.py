"""Pages of a list by position: a cursor names the last row seen, so that new rows shift nothing and nothing is counted.

It is signed for one list, its filters and its order, and an index of that order begins at it, however deep it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import QuerySet
from django.http import QueryDict

from riskregister.canonical import canonical
from riskregister.queries import ordering
from riskregister.queries.ordering import Key


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and the cursors of the pages beside them (empty: there is none)."""

    rows: list[Any]
    previous: str
    following: str


class Unknown(Exception):
    """The cursor was not made by this list as it is asked for."""


class Cursors:
    """The cursors of a list in one order, narrowed in one way; it knows no others."""

    def __init__(self, path: str, query: QueryDict, words: Sequence[str], *, unbound: Iterable[str]) -> None:
        """Keep the order; `query` has the filters under their own names, `unbound` may change from page to page."""
        self.keys = [Key.parse(word) for word in words]
        narrowed = sorted((name, values) for name, values in query.lists() if name not in unbound)
        self._signer = Signer(sep="~", salt=canonical([path, list(words), narrowed]))

    def page(self, rows: "QuerySet[Any]", *, shown: "QuerySet[Any]", limit: int, cursor: str = "") -> Page:
        """Return the page that the cursor names, without one the first. Raises Unknown.

        `rows` are those that fit; `shown` has the columns and relations to show, of these and perhaps of others.
        """
        backwards, position = self._read(cursor) if cursor else (False, None)
        keys = [key.turned() for key in self.keys] if backwards else self.keys
        found = _after(rows, keys, position, limit=limit + 1)
        has_more, chosen = len(found) > limit, found[:limit]
        page = _shown(chosen[::-1] if backwards else chosen, shown)
        has_next, has_previous = backwards or has_more, has_more if backwards else position is not None
        return Page(
            page,
            previous=self.at(page[0], backwards=True) if page and has_previous else "",
            following=self.at(page[-1], backwards=False) if page and has_next else "",
        )

    def at(self, row: Any, *, backwards: bool) -> str:
        """Return the cursor of the page that begins after a row, or ends before it."""
        values = [_plain(_value(row, key.field)) for key in self.keys]
        cursor: str = self._signer.sign_object([backwards, values])
        return cursor

    def _read(self, cursor: str) -> tuple[bool, list[Any]]:
        """Return whether to read backwards, and from which position."""
        try:
            backwards, position = self._signer.unsign_object(cursor)
        except BadSignature as error:
            raise Unknown from error
        return backwards, position


def _after(rows: "QuerySet[Any]", keys: Sequence[Key], position: list[Any] | None, *, limit: int) -> list[Any]:
    """Return the keys of the first rows after a position, of as many ranges as it takes to have enough."""
    ordered = rows.order_by(*(key.order() for key in keys)).values_list("pk", flat=True)
    if position is None:
        return list(ordered[:limit])
    found: list[Any] = []
    for beyond in ordering.ranges(keys, position):
        found += ordered.filter(beyond)[: limit - len(found)]
        if len(found) == limit:
            break
    return found


def _shown(keys: Sequence[Any], shown: "QuerySet[Any]") -> list[Any]:
    """Return rows by their keys, with what is shown of them.

    Which they are is found before anything is joined to them: a database that expects to sort some hundred rows joins
    whole tables to them, of which a page needs as many rows as it has.
    """
    by_key = {_value(row, "id") if isinstance(row, dict) else row.pk: row for row in shown.filter(pk__in=keys)}
    return [by_key[key] for key in keys if key in by_key]


def _value(row: Any, field: str) -> Any:
    if isinstance(row, dict):
        return row[field]
    for name in field.split("__"):
        row = getattr(row, name)
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, str | int | None) and not isinstance(value, Decimal) else str(value)
