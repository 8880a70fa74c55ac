"""Filters of the list of evidence."""

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from evidence.models import Evidence, Verification
from web.filters.narrowing import by_number, units_seen

STATES = [("verified", "Verified"), ("unverified", "Not verified"), ("expired", "Expired")]


class EvidenceFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Words, kind, who made it, state, unit."""

    q = django_filters.CharFilter(method="by_words", label="Words")
    kind = django_filters.ChoiceFilter(label="Kind", empty_label="Any kind", choices=Evidence.Kind.choices)
    issuer = django_filters.ChoiceFilter(label="Made by", empty_label="Anybody", choices=Evidence.Issuer.choices)
    state = django_filters.ChoiceFilter(method="by_state", label="State", empty_label="Any state", choices=STATES)
    unit = django_filters.ModelChoiceFilter(queryset=units_seen, label="Unit", empty_label="All units")

    class Meta:
        model = Evidence
        fields = ("q", "kind", "issuer", "state", "unit")

    def by_words(self, rows: QuerySet[Evidence], name: str, value: str) -> QuerySet[Evidence]:
        """Return evidence whose number, title, file name or address holds the words."""
        words = Q(title__icontains=value) | Q(file_name__icontains=value) | Q(url__icontains=value)
        return rows.filter(words | by_number(value, "E-"))

    def by_state(self, rows: QuerySet[Evidence], name: str, value: str) -> QuerySet[Evidence]:
        """Return evidence that has expired, or that is in date and was checked, or was not."""
        expired = Q(valid_until__lt=timezone.localdate())
        if value == "expired":
            return rows.filter(expired)
        checked = Exists(Verification.objects.filter(evidence=OuterRef("pk")))
        return rows.exclude(expired).filter(checked if value == "verified" else ~checked)
