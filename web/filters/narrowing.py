"""What filters of several lists share: units, numbers that somebody typed, and filters that a link of a page sets."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts import access
from accounts.models import Unit


def units_seen(request: HttpRequest | None) -> QuerySet[Unit]:
    """Return the units that the person works in."""
    return access.visible_units(getattr(request, "user", None))


def by_number(value: str, prefix: str) -> Q:
    """Return the condition that a record has the number that somebody typed, e.g. "V-12" or "12"; else none has it."""
    digits = value.strip().upper().removeprefix(prefix)
    return Q(number=int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 16 else Q(pk__in=[])


def narrow(filters: django_filters.FilterSet, name: str, seen: QuerySet[Any]) -> None:
    """Let the filter offer the one row of `seen` that the address names; without one, leave the filter out.

    A choice of a thousand vendors helps nobody, and takes long to draw.
    """
    asked = filters.data.get(name)
    if not asked:
        del filters.filters[name]
        return
    try:
        filters.filters[name].queryset = seen.filter(pk=asked)
    except (ValueError, ValidationError):
        filters.filters[name].queryset = seen.none()
