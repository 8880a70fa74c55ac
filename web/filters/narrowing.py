"""Filters that a link of another page sets: a choice of a thousand vendors helps nobody, and takes long to draw."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet


def narrow(filters: django_filters.FilterSet, name: str, seen: QuerySet[Any]) -> None:
    """Let the filter offer the one row of `seen` that the address names; without one, leave the filter out."""
    asked = filters.data.get(name)
    if not asked:
        del filters.filters[name]
        return
    try:
        filters.filters[name].queryset = seen.filter(pk=asked)
    except (ValueError, ValidationError):
        filters.filters[name].queryset = seen.none()
