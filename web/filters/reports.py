"""Filters of the list of reports."""

import django_filters
from django.db.models import QuerySet

from reports.models import Report
from web.filters.narrowing import by_number, units_seen


class ReportFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Words, kind, status, unit."""

    q = django_filters.CharFilter(method="by_words", label="Search")
    kind = django_filters.ChoiceFilter(label="Kind", empty_label="Both kinds", choices=Report.Kind.choices)
    status = django_filters.ChoiceFilter(label="Status", empty_label="Any status", choices=Report.Status.choices)
    unit = django_filters.ModelChoiceFilter(queryset=units_seen, label="Unit", empty_label="All units")

    class Meta:
        model = Report
        fields = ("q", "kind", "status", "unit")

    def by_words(self, rows: QuerySet[Report], name: str, value: str) -> QuerySet[Report]:
        """Return reports whose number or title holds the words."""
        return rows.filter(title__icontains=value) | rows.filter(by_number(value, "RP-"))
