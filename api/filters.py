"""Filters by the query: what every noun's filter set begins with, and the refusal of what none of them knows."""

from collections.abc import Collection
from typing import Any, cast

from django.db.models import QuerySet
from django.utils import timezone
from django_filters import rest_framework
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from riskregister import filters

PAGING = {"cursor", "limit", "ordering"}


class FilterSet(rest_framework.FilterSet):  # type: ignore[misc]
    """The filters of a noun, all of them declared one by one."""


class Filters(rest_framework.DjangoFilterBackend):  # type: ignore[misc]
    """Filters a list; an unknown parameter is refused, since a mistyped filter would show everything."""

    def filter_queryset(self, request: Request, queryset: "QuerySet[Any]", view: Any) -> "QuerySet[Any]":
        """Return the rows that match. Raises ValidationError for unknown parameters and values.

        One object is looked up by its address alone.
        """
        if "pk" in view.kwargs:
            refuse_parameters(request)
            return queryset
        filterset_class = self.get_filterset_class(view, queryset)
        known = PAGING | set(filterset_class.base_filters if filterset_class else ())
        refuse_unknown(request, known=known, also=getattr(filterset_class, "aliases", ()))
        return cast("QuerySet[Any]", super().filter_queryset(request, queryset, view))

    def get_filterset_kwargs(self, request: Request, queryset: "QuerySet[Any]", view: Any) -> dict[str, Any]:
        """Return what a filter set is made of: the query, and the day on which what is overdue is asked."""
        made: dict[str, Any] = super().get_filterset_kwargs(request, queryset, view)
        is_shared = issubclass(self.get_filterset_class(view, queryset), filters.FilterSet)
        return made | ({"today": timezone.localdate()} if is_shared else {})


def refuse_unknown(request: Request, *, known: Collection[str], also: Collection[str] = ()) -> None:
    """Raise ValidationError for any query parameter but the known ones, and others that go unsaid."""
    unknown = [name for name in request.query_params if name not in known and name not in also]
    if unknown:
        sentence = f"There is no such parameter. Known are: {', '.join(sorted(known))}."
        raise ValidationError({name[:60]: sentence for name in unknown[:20]})


def refuse_parameters(request: Request) -> None:
    """Raise ValidationError for any query parameter: this address has none."""
    if request.query_params:
        raise ValidationError({name[:60]: "This address takes no parameters." for name in request.query_params})
