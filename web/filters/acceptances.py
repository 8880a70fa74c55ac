"""Filters of the list of risk acceptances."""

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from findings.models import RiskAcceptance
from web.filters.narrowing import by_number, units_seen

SOON = timedelta(days=30)
STATES = {
    "waiting": "Waiting for a decision",
    "in_force": "In force",
    "expiring": "Expiring within 30 days",
    "expired": "Expired",
    "refused": "Refused",
    "revoked": "Revoked",
}


class AcceptanceFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Words, state today, unit."""

    q = django_filters.CharFilter(method="by_words", label="Search")
    state = django_filters.ChoiceFilter(
        method="by_state", label="State", empty_label="Any", choices=list(STATES.items())
    )
    unit = django_filters.ModelChoiceFilter(queryset=units_seen, label="Unit", empty_label="All units")

    class Meta:
        model = RiskAcceptance
        fields = ("q", "state", "unit")

    def by_words(self, rows: QuerySet[RiskAcceptance], name: str, value: str) -> QuerySet[RiskAcceptance]:
        """Return acceptances whose number, finding, server, vendor or control holds the words."""
        fields = ("finding__title", "finding__server__title", "finding__vendor__name", "server__title")
        words = Q(compensating_control__icontains=value) | by_number(value, "RA-")
        for field in fields:
            words |= Q(**{f"{field}__icontains": value})
        return rows.filter(words)

    def by_state(self, rows: QuerySet[RiskAcceptance], name: str, value: str) -> QuerySet[RiskAcceptance]:
        """Return acceptances in this state today; expiry is asked of the clock."""
        return rows.filter(**_condition(value))


def _condition(state: str) -> dict[str, Any]:
    today = timezone.localdate()
    granted: dict[str, Any] = {"status": RiskAcceptance.Status.GRANTED}
    return {
        "waiting": {"status": RiskAcceptance.Status.REQUESTED},
        "in_force": granted | {"expires_on__gte": today},
        "expiring": granted | {"expires_on__gte": today, "expires_on__lte": today + SOON},
        "expired": granted | {"expires_on__lt": today},
        "refused": {"status": RiskAcceptance.Status.REFUSED},
        "revoked": {"status": RiskAcceptance.Status.REVOKED},
    }[state]
