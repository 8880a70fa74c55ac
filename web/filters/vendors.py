"""Filters of the list of vendors."""

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts import access
from accounts.models import User
from vendors.models import Criticality, Kind, Vendor
from web.filters.narrowing import by_number


def _countries() -> list[tuple[str, str]]:
    known = Vendor.objects.exclude(country="").order_by("country").values_list("country", flat=True).distinct()
    return [(code, code) for code in known]


def _owners(request: HttpRequest | None) -> QuerySet[User]:
    if request is None or not access.of(request.user).is_member:
        return User.objects.none()
    return User.objects.filter(pk__in=Vendor.objects.order_by().values("relationship_owner")).order_by("name")


class VendorFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Words, status, kind, criticality, country, relationship owner."""

    q = django_filters.CharFilter(method="by_words", label="Search")
    status = django_filters.ChoiceFilter(label="Status", empty_label="Any status", choices=Vendor.Status.choices)
    kind = django_filters.ChoiceFilter(
        field_name="kinds__kind", label="Kind", empty_label="Any kind", choices=Kind.choices
    )
    criticality = django_filters.ChoiceFilter(label="Criticality", empty_label="Any", choices=Criticality.choices)
    country = django_filters.ChoiceFilter(label="Country", empty_label="All countries", choices=_countries)
    owner = django_filters.ModelChoiceFilter(
        field_name="relationship_owner", queryset=_owners, label="Owner", empty_label="Everybody's"
    )

    class Meta:
        model = Vendor
        fields = ("q", "status", "kind", "criticality", "country", "owner")

    def by_words(self, rows: QuerySet[Vendor], name: str, value: str) -> QuerySet[Vendor]:
        """Return vendors whose number, name, legal entity or website holds the words."""
        words = Q(name__icontains=value) | Q(legal_entity__icontains=value) | Q(website__icontains=value)
        return rows.filter(words | by_number(value, "V-"))
