"""Filters of the list of reviews."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from decisions.models import Review
from web.filters.narrowing import by_number, units_seen

STATES = {
    "overdue": "Overdue",
    "open": "Open",
    "scheduled": "Scheduled",
    "done": "Done",
    "skipped": "Skipped",
    "all": "All",
}


class ReviewFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Words, state, whose, unit, why."""

    q = django_filters.CharFilter(method="by_words", label="Search")
    state = django_filters.ChoiceFilter(
        method="by_state", label="State", empty_label="Open or scheduled", choices=list(STATES.items())
    )
    mine = django_filters.ChoiceFilter(
        method="by_person", label="Whose", empty_label="Everybody's", choices=[("on", "Mine"), ("none", "Nobody's")]
    )
    unit = django_filters.ModelChoiceFilter(queryset=units_seen, label="Unit", empty_label="All units")
    trigger = django_filters.ChoiceFilter(label="Why", empty_label="Anything", choices=Review.Trigger.choices)

    class Meta:
        model = Review
        fields = ("q", "state", "mine", "unit", "trigger")

    def filter_queryset(self, queryset: QuerySet[Review]) -> QuerySet[Review]:
        """Return what fits; without a state what is still to be done."""
        found: QuerySet[Review] = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("state") else found.filter(status__in=Review.WAITING)

    def by_words(self, rows: QuerySet[Review], name: str, value: str) -> QuerySet[Review]:
        """Return reviews whose number, server or assignee holds the words."""
        words = Q(server__title__icontains=value) | Q(server__name__icontains=value)
        return rows.filter(words | Q(assignee__name__icontains=value) | by_number(value, "R-"))

    def by_state(self, rows: QuerySet[Review], name: str, value: str) -> QuerySet[Review]:
        """Return reviews in this state; overdue are those waiting whose day has passed."""
        if value == "all":
            return rows
        if value == "overdue":
            return rows.filter(status__in=Review.WAITING, due_on__lt=timezone.localdate())
        return rows.filter(status=value)

    def by_person(self, rows: QuerySet[Review], name: str, value: str) -> QuerySet[Review]:
        """Return what is assigned to the person who asks, or to nobody."""
        return rows.filter(assignee=self.request.user) if value == "on" else rows.filter(assignee__isnull=True)
