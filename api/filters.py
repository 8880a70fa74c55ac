"""Narrows a list of the API by the filters of its noun, and refuses what none of them understands."""

from collections.abc import Collection
from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from riskregister.filters import FilterSet
from riskregister.lists import List

PAGING = {"cursor", "limit", "ordering"}


class NoFilters(FilterSet):
    """Understands no parameter."""


class Filters(DjangoFilterBackend):  # type: ignore[misc]
    """Filters a list; an unknown parameter is refused, since a mistyped filter would show everything."""

    def filter_queryset(self, request: Request, queryset: "QuerySet[Any]", view: Any) -> "QuerySet[Any]":
        """Return the rows that match. Raises ValidationError for unknown parameters and values.

        One object is looked up by its address alone.
        """
        if "pk" in view.kwargs:
            refuse_parameters(request)
            return queryset
        declared = self.get_filterset_class(view, queryset)
        refuse_unknown(request, known=PAGING | set(declared.base_filters), also=declared.aliases)
        refuse_repeated(request, also=declared.repeated(request.query_params))
        return cast("QuerySet[Any]", super().filter_queryset(request, queryset, view))

    def get_filterset_class(self, view: Any, queryset: "QuerySet[Any] | None" = None) -> type[FilterSet]:
        """Return the filters that the list of the view declares; a view that declares no list has none."""
        declared: List | None = getattr(view, "of", None)
        return declared.filters if declared else NoFilters

    def get_filterset_kwargs(self, request: Request, queryset: "QuerySet[Any]", view: Any) -> dict[str, Any]:
        """Return what a filter set is made of: the query, and the moment at which what is overdue is asked."""
        made: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        return made | {"now": timezone.now()}


def refuse_unknown(request: Request, *, known: Collection[str], also: Collection[str] = ()) -> None:
    """Raise ValidationError for any query parameter but the known ones, and others that go unsaid."""
    unknown = [name for name in request.query_params if name not in known and name not in also]
    if unknown:
        sentence = f"There is no such parameter. Known are: {', '.join(sorted(known))}."
        raise ValidationError({name[:60]: sentence for name in unknown[:20]})


def refuse_repeated(request: Request, *, also: Collection[str]) -> None:
    """Raise ValidationError for what moves through a list, and others that go said, when they are there twice."""
    twice = [*also, *(name for name in sorted(PAGING) if len(request.query_params.getlist(name)) > 1)]
    if twice:
        raise ValidationError({name[:60]: "Give it once: it takes one value." for name in twice[:20]})


def refuse_parameters(request: Request) -> None:
    """Raise ValidationError for any query parameter: this address has none."""
    if request.query_params:
        raise ValidationError({name[:60]: "This address takes no parameters." for name in request.query_params})
