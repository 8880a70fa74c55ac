"""Filters of the audit trail."""

from uuid import UUID

import django_filters
from django.db.models import Q, QuerySet
from django.forms import DateInput

from accounts.models import Unit
from audit.models import Event
from web.filters.narrowing import units_seen

GROUPS = {
    "vendor": ("Vendors", "vendor"),
    "server": ("Servers and releases", "server release tools deployment"),
    "assessment": ("Assessments and decisions", "assessment answer evidence approval condition rating override"),
    "finding": ("Findings and acceptances", "finding acceptance"),
    "review": ("Reviews", "review"),
    "report": ("Reports", "report"),
    "person": ("People and units", "person role unit"),
    "signin": ("Sign-ins and tokens", "signin token"),
    "job": ("Jobs and mail", "job delivery"),
}


class EventFilters(django_filters.FilterSet):  # type: ignore[misc]
    """What happened, who did it, to what, when, and in which unit."""

    what = django_filters.ChoiceFilter(
        method="by_group",
        label="What",
        empty_label="Everything",
        choices=[(k, word) for k, (word, _) in GROUPS.items()],
    )
    actor = django_filters.CharFilter(field_name="actor_label", lookup_expr="icontains", label="Who")
    object = django_filters.CharFilter(method="by_object", label="To what")
    since = django_filters.DateFilter(
        field_name="at", lookup_expr="date__gte", label="From", widget=DateInput(attrs={"type": "date"})
    )
    until = django_filters.DateFilter(
        field_name="at", lookup_expr="date__lte", label="To", widget=DateInput(attrs={"type": "date"})
    )
    unit = django_filters.ModelChoiceFilter(
        queryset=units_seen, field_name="unit_id", method="by_unit", label="Unit", empty_label="All units"
    )
    verb = django_filters.CharFilter(lookup_expr="exact", label="Event name")

    class Meta:
        model = Event
        fields = ("what", "actor", "object", "since", "until", "unit", "verb")

    def worded(self, name: str, value: str) -> str:
        """Return a filter's value as people read it: an object by its name instead of its id, else an empty text."""
        if name != "object":
            return ""
        try:
            named = self.queryset.filter(object_id=UUID(value)).values_list("object_label", flat=True)
        except ValueError:
            return ""
        return named.order_by("-at").first() or ""

    def by_group(self, rows: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """Return events whose verb begins with one of the group's nouns."""
        wanted = Q()
        for noun in GROUPS[value][1].split():
            wanted |= Q(verb__startswith=f"{noun}.")
        return rows.filter(wanted)

    def by_object(self, rows: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """Return events of the object with this id, or of objects whose label holds the words."""
        try:
            pk = UUID(value)
        except ValueError:
            return rows.filter(object_label__icontains=value)
        return rows.filter(Q(object_id=pk) | Q(concerns_id=pk))

    def by_unit(self, rows: QuerySet[Event], name: str, value: Unit) -> QuerySet[Event]:
        """Return events of the unit."""
        return rows.filter(unit_id=value.pk)
