"""Pages by position, not by number: a cursor names the last row seen, so that new rows shift nothing and nothing is
counted. It is signed for one list, its filters and its order. Orderings are those that an index serves; the last key of
each is unique.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import exceptions
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from riskregister.lists import List
from riskregister.queries import positions

LIMIT = 50
LIMIT_MAX = 100
# What may change from page to page.
UNBOUND = {"cursor", "limit", "ordering"}


class CursorInvalid(exceptions.ParseError):
    """The cursor was not made by this list as it is asked for (400)."""

    default_code = "cursor_invalid"
    default_detail = "This cursor is not of this list, with these filters in this order. Start without one."


class Keyset(BasePagination):
    """`?limit=&ordering=&cursor=` of a view whose list, `of`, declares its `orders`."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Return the rows of the page as the view had them before filters, which may join. Raises as `read`."""
        # A view that is no Noun keeps none, and has them built once more.
        shown = view.before_filters if hasattr(view, "before_filters") else view.get_queryset()
        return self.read(queryset, request, view, shown=shown)

    def read(self, queryset: Any, request: Request, view: Any, *, shown: Any) -> list[Any]:
        """Return the rows of the page as `shown` has them: the same kind of rows, be it another than the view's own.

        Raises ValidationError for an unknown ordering or limit, CursorInvalid.
        """
        orderings = _orderings(view, request)
        self.request = request
        words = orderings[_ordering(request, orderings)]
        cursors = positions.Cursors(request.path, request.query_params, words, unbound=UNBOUND)
        try:
            asked = request.query_params.get("cursor", "")
            self.page = cursors.page(queryset, shown=shown, limit=_limit(request), cursor=asked)
        except positions.Unknown as error:
            raise CursorInvalid from error
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        """Return the rows with the addresses of the pages beside this one."""
        following, former = self._link(self.page.following), self._link(self.page.previous)
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
        words = list(_orderings(view, None))
        limit = {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT}
        ordering = {"type": "string", "enum": words, "default": words[0]}
        return [
            _parameter("cursor", {"type": "string"}, "From `next` or `previous` of a page."),
            _parameter("limit", limit, "How many rows."),
            _parameter("ordering", ordering, "Which row comes first; - turns the order round."),
        ]

    def _link(self, cursor: str) -> str | None:
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor) if cursor else None


def _orderings(view: Any, request: Request | None) -> Mapping[str, Sequence[str]]:
    """Return the orders of a list; while a filter by a range narrows it, those of the column of that range."""
    declared: List | None = getattr(view, "of", None)
    if declared is None:
        return {"-pk": ("-pk",)}
    bound = declared.filters.bound_order(request.query_params) if request else ""
    words = [word for word in view.orders if not bound or word.removeprefix("-") == bound]
    return declared.orderings(*words)


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


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}
