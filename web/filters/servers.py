"""Filters of the list of servers."""

from datetime import date
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from decisions.models import Approval
from scoring.scales import Residual
from vendors.models import Server, ServerSupplier, Vendor
from web.filters.narrowing import by_number, narrow, units_seen

APPROVALS = (
    ("in_date", "In date"),
    ("missing", "Not in date"),
    ("expired", "Expired"),
    ("none", "None"),
)


class ServerFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Words, unit, status, tier, residual risk, use, approval; `vendor` comes from links of other pages."""

    q = django_filters.CharFilter(method="by_words", label="Search")
    unit = django_filters.ModelChoiceFilter(queryset=units_seen, label="Unit", empty_label="All units")
    status = django_filters.ChoiceFilter(
        method="by_status",
        label="Status",
        empty_label="Any status",
        choices=[("current", "Not retired or rejected"), *Server.Status.choices],
    )
    tier = django_filters.ChoiceFilter(
        field_name="inherent_tier",
        label="Tier",
        empty_label="Any tier",
        choices=[(1, "Tier 1 · Critical"), (2, "Tier 2 · High"), (3, "Tier 3 · Medium"), (4, "Tier 4 · Low")],
    )
    residual = django_filters.ChoiceFilter(
        method="by_residual",
        label="Residual risk",
        empty_label="Any",
        choices=[(one.value, one.label) for one in Residual],
    )
    in_use = django_filters.ChoiceFilter(
        method="by_use", label="Use", empty_label="Any", choices=[("yes", "In use"), ("no", "Not in use")]
    )
    approval = django_filters.ChoiceFilter(method="by_approval", label="Approval", empty_label="Any", choices=APPROVALS)
    vendor = django_filters.ModelChoiceFilter(
        method="by_vendor", queryset=Vendor.objects.none(), label="Vendor", empty_label="All vendors"
    )

    class Meta:
        model = Server
        fields = ("q", "unit", "status", "tier", "residual", "in_use", "approval", "vendor")

    def __init__(self, data: Any = None, *args: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        """Offer the vendor that a link has narrowed the list to."""
        super().__init__(data, *args, request=request, **kwargs)
        narrow(self, "vendor", Vendor.objects.visible_to(getattr(request, "user", None)))

    def by_words(self, rows: QuerySet[Server], name: str, value: str) -> QuerySet[Server]:
        """Return servers whose number, title, registry name or supplier holds the words."""
        supplied = ServerSupplier.objects.filter(server=OuterRef("pk"), vendor__name__icontains=value)
        words = Q(title__icontains=value) | Q(name__icontains=value) | Q(Exists(supplied))
        return rows.filter(words | by_number(value, "S-"))

    def by_status(self, rows: QuerySet[Server], name: str, value: str) -> QuerySet[Server]:
        """Return servers in this status; "current" stands for all that are neither retired nor rejected."""
        return rows.exclude(status__in=Server.OUT_OF_USE) if value == "current" else rows.filter(status=value)

    def by_residual(self, rows: QuerySet[Server], name: str, value: str) -> QuerySet[Server]:
        """Return servers with this residual risk; one that was never rated is not assessed."""
        if value == Residual.NOT_ASSESSED:
            return rows.filter(Q(rating__residual=value) | Q(rating__isnull=True))
        return rows.filter(rating__residual=value)

    def by_use(self, rows: QuerySet[Server], name: str, value: str) -> QuerySet[Server]:
        """Return servers that agents use, or those that none uses."""
        return rows.filter(is_in_use=value == "yes")

    def by_approval(self, rows: QuerySet[Server], name: str, value: str) -> QuerySet[Server]:
        """Return servers by whether an approval lets agents use them today."""
        return rows.filter(_approval(value, today=timezone.localdate()))

    def by_vendor(self, rows: QuerySet[Server], name: str, value: Vendor) -> QuerySet[Server]:
        """Return servers behind which the vendor stands in any role."""
        return rows.filter(Exists(ServerSupplier.objects.filter(server=OuterRef("pk"), vendor=value)))


def _approval(value: str, *, today: date) -> Q:
    in_date = Q(Exists(Approval.objects.in_force(today=today).filter(server=OuterRef("pk"))))
    granted = Approval.objects.filter(server=OuterRef("pk"), status=Approval.Status.GRANTED)
    ever = Q(Exists(granted.exclude(decision=Approval.Decision.REJECT)))
    conditions = {"in_date": in_date, "missing": ~in_date, "expired": ever & ~in_date, "none": ~ever}
    return conditions[value]
