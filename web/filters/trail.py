"""Filters of the audit trail."""

from uuid import UUID

import django_filters
from django.db.models import Q, QuerySet
from django.forms import DateInput

from accounts.models import Unit
from audit.models import Event
from riskregister import nouns
from web.filters.narrowing import units_seen

# A sign-in leaves no row that would have a card.
SIGN_INS = {"signin": ("Sign-ins", ("signin",))}


def groups() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return what events can be about: its word for addresses and for people, and how its verbs begin."""
    told = {noun.word: (noun.plural.capitalize(), noun.verbs) for noun in nouns.cards() if noun.verbs}
    return dict(sorted((told | SIGN_INS).items(), key=lambda group: group[1][0]))


def _choices() -> list[tuple[str, str]]:
    return [(word, named) for word, (named, _verbs) in groups().items()]


class EventFilters(django_filters.FilterSet):  # type: ignore[misc]
    """What happened, who did it, to what, when, and in which unit."""

    what = django_filters.ChoiceFilter(
        method="by_group",
        label="What",
        empty_label="Everything",
        choices=_choices,
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
        """Return events whose verbs begin as those of the noun do."""
        wanted = Q()
        for word in groups()[value][1]:
            wanted |= Q(verb__startswith=f"{word}.")
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
