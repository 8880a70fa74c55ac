"""Pages by position, not by number: a cursor names the last row seen, so that new rows shift nothing and nothing is
counted. It is signed for one list, its filters and its order. Orderings are those that an index serves; the last key of
each is unique.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.core.signing import BadSignature, Signer
from django.db.models import Model, Q, QuerySet
from rest_framework import exceptions
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from riskregister.canonical import canonical
from riskregister.lists import List
from riskregister.ordering import Key

LIMIT = 50
LIMIT_MAX = 100
# What may change from page to page.
UNBOUND = {"cursor", "limit", "ordering"}
M = TypeVar("M", bound=Model)


class CursorInvalid(exceptions.ParseError):
    """The cursor was not made by this list as it is asked for (400)."""

    default_code = "cursor_invalid"
    default_detail = "This cursor is not of this list, with these filters in this order. Start without one."


class Keyset(BasePagination):
    """`?limit=&ordering=&cursor=` of a view whose list, `of`, declares its `orders`."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Return the rows of the page. Raises ValidationError for an unknown ordering or limit, CursorInvalid."""
        orderings = _orderings(view)
        self.request, self.word = request, _ordering(request, orderings)
        keys = [Key.parse(word) for word in orderings[self.word]]
        self.keys, limit = keys, _limit(request)
        self.signer = _signer(request, orderings[self.word])
        backwards, position = _cursor(request, self.signer)
        seen = [key.turned() for key in keys] if backwards else keys
        rows = _after(queryset, seen, position) if position is not None else queryset
        found = list(rows.order_by(*(key.order() for key in seen))[: limit + 1])
        has_more, page = len(found) > limit, found[:limit]
        if backwards:
            page.reverse()
        self.has_next, self.has_previous = backwards or has_more, has_more if backwards else position is not None
        self.page = page
        return page

    def get_paginated_response(self, data: Any) -> Response:
        """Return the rows with the addresses of the pages beside this one."""
        following = self._link(self.page[-1], backwards=False) if self.page and self.has_next else None
        former = self._link(self.page[0], backwards=True) if self.page and self.has_previous else None
        return Response({"next": following, "previous": former, "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the schema of a page."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Return the parameters of a list."""
        words = list(_orderings(view))
        limit = {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT}
        ordering = {"type": "string", "enum": words, "default": words[0]}
        return [
            _parameter("cursor", {"type": "string"}, "From `next` or `previous` of a page."),
            _parameter("limit", limit, "How many rows."),
            _parameter("ordering", ordering, "Which row comes first; - turns the order round."),
        ]

    def _link(self, row: Any, *, backwards: bool) -> str:
        values = [_plain(_value(row, key.field)) for key in self.keys]
        cursor = self.signer.sign_object([backwards, values])
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)


def _after(rows: "QuerySet[M]", keys: Sequence[Key], position: Sequence[Any]) -> "QuerySet[M]":
    """Return the rows after a position: later in the first key, or tied there and later in the second, and so on."""
    beyond, tied = Q(pk__in=[]), Q()
    for key, value in zip(keys, position, strict=True):
        later = key.after(value)
        if later is not None:
            beyond |= tied & later
        tied &= key.same(value)
    # Said once more for the first key alone, the condition lets an index begin at the position.
    return rows.filter(beyond).filter(keys[0].from_here(position[0]))


def _orderings(view: Any) -> Mapping[str, Sequence[str]]:
    declared: List | None = getattr(view, "of", None)
    return declared.orderings(*view.orders) if declared else {"-pk": ("-pk",)}


def _ordering(request: Request, orderings: Mapping[str, Sequence[str]]) -> str:
    word = request.query_params.get("ordering") or next(iter(orderings))
    if word not in orderings:
        raise exceptions.ValidationError({"ordering": f"Choose one of: {', '.join(orderings)}."})
    return word


def _limit(request: Request) -> int:
    given = request.query_params.get("limit", str(LIMIT))
    if not (given.isascii() and given.isdigit() and len(given) < 4 and 1 <= int(given) <= LIMIT_MAX):
        raise exceptions.ValidationError({"limit": f"Ask for 1 to {LIMIT_MAX} rows."})
    return int(given)


def _signer(request: Request, keys: Sequence[str]) -> Signer:
    """Return what signs the cursors of a list in one order and narrowed in one way, and knows no others."""
    narrowed = sorted((name, said) for name, said in request.query_params.lists() if name not in UNBOUND)
    return Signer(sep="~", salt=canonical([request.path, keys, narrowed]))


def _cursor(request: Request, signer: Signer) -> tuple[bool, list[Any] | None]:
    """Return whether to read backwards, and from which position (None: from the start)."""
    given = request.query_params.get("cursor", "")
    if not given:
        return False, None
    try:
        backwards, position = signer.unsign_object(given)
    except BadSignature as error:
        raise CursorInvalid from error
    return backwards, position


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


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}
