"""Filters of the list of assessments."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from assessments.models import Assessment
from web.filters.narrowing import by_number, units_seen

OPEN = (Assessment.Status.DRAFT, Assessment.Status.SUBMITTED)


class AssessmentFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Words, whose, status, kind, unit, overdue."""

    q = django_filters.CharFilter(method="by_words", label="Search")
    whose = django_filters.ChoiceFilter(
        method="by_person", label="Whose", empty_label="Everybody's", choices=[("mine", "Mine")]
    )
    status = django_filters.ChoiceFilter(
        method="by_status",
        label="Status",
        empty_label="Any status",
        choices=[("open", "Draft or submitted"), *Assessment.Status.choices],
    )
    kind = django_filters.ChoiceFilter(label="Kind", empty_label="Any kind", choices=Assessment.Kind.choices)
    unit = django_filters.ModelChoiceFilter(queryset=units_seen, label="Unit", empty_label="All units")
    due = django_filters.ChoiceFilter(
        method="by_due", label="Due", empty_label="Any day", choices=[("overdue", "Overdue")]
    )

    class Meta:
        model = Assessment
        fields = ("q", "whose", "status", "kind", "unit", "due")

    def by_words(self, rows: QuerySet[Assessment], name: str, value: str) -> QuerySet[Assessment]:
        """Return assessments whose number, server, vendor or assignee holds the words."""
        words = (
            Q(server__title__icontains=value)
            | Q(server__name__icontains=value)
            | Q(vendor__name__icontains=value)
            | Q(assignee__name__icontains=value)
        )
        return rows.filter(words | by_number(value, "A-"))

    def by_person(self, rows: QuerySet[Assessment], name: str, value: str) -> QuerySet[Assessment]:
        """Return what is assigned to the person who asks."""
        return rows.filter(assignee=self.request.user)

    def by_status(self, rows: QuerySet[Assessment], name: str, value: str) -> QuerySet[Assessment]:
        """Return assessments in this status; "open" stands for the two that wait for somebody."""
        return rows.filter(status__in=OPEN if value == "open" else (value,))

    def by_due(self, rows: QuerySet[Assessment], name: str, value: str) -> QuerySet[Assessment]:
        """Return open assessments whose day has passed."""
        return rows.filter(status__in=OPEN, due_on__lt=timezone.localdate())
