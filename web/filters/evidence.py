"""Filters of the list of evidence."""

from typing import Any
from uuid import UUID

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from assessments.models import AnswerEvidence
from catalogue.models import Question
from evidence.models import Evidence, Verification
from vendors.models import Server, Vendor
from web.filters.narrowing import by_number, narrow, units_seen

STATES = [("verified", "Verified"), ("unverified", "Not verified"), ("expired", "Expired")]


def with_words(value: str) -> Q:
    """Return the condition that a number, title, file name or address holds the words."""
    words = Q(title__icontains=value) | Q(file_name__icontains=value) | Q(url__icontains=value)
    return words | by_number(value, "E-")


def behind_server(server: UUID) -> Exists:
    """Return the condition that an answer about the server rests on the outer evidence."""
    return Exists(_uses().filter(answer__assessment__server=server))


def behind_vendor(vendor: UUID) -> Exists:
    """Return the condition that an answer about the vendor rests on the outer evidence."""
    about = {"answer__assessment__vendor": vendor, "answer__question__subject": Question.Subject.VENDOR}
    return Exists(_uses().filter(**about))


def _uses() -> QuerySet[AnswerEvidence]:
    return AnswerEvidence.objects.filter(evidence=OuterRef("pk"))


class EvidenceFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Words, kind, who made it, state, unit; `server` and `vendor` come from links of other pages."""

    q = django_filters.CharFilter(method="by_words", label="Search")
    kind = django_filters.ChoiceFilter(label="Kind", empty_label="Any kind", choices=Evidence.Kind.choices)
    issuer = django_filters.ChoiceFilter(label="Made by", empty_label="Anybody", choices=Evidence.Issuer.choices)
    state = django_filters.ChoiceFilter(method="by_state", label="State", empty_label="Any state", choices=STATES)
    unit = django_filters.ModelChoiceFilter(queryset=units_seen, label="Unit", empty_label="All units")
    server = django_filters.ModelChoiceFilter(
        method="by_server", queryset=Server.objects.none(), label="Server", empty_label="All servers"
    )
    vendor = django_filters.ModelChoiceFilter(
        method="by_vendor", queryset=Vendor.objects.none(), label="Vendor", empty_label="All vendors"
    )

    class Meta:
        model = Evidence
        fields = ("q", "kind", "issuer", "state", "unit", "server", "vendor")

    def __init__(self, data: Any = None, *args: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        """Offer the server or vendor that a link has narrowed the list to."""
        super().__init__(data, *args, request=request, **kwargs)
        user = getattr(request, "user", None)
        narrow(self, "server", Server.objects.visible_to(user))
        narrow(self, "vendor", Vendor.objects.visible_to(user))

    def by_words(self, rows: QuerySet[Evidence], name: str, value: str) -> QuerySet[Evidence]:
        """Return evidence whose number, title, file name or address holds the words."""
        return rows.filter(with_words(value))

    def by_server(self, rows: QuerySet[Evidence], name: str, value: Server) -> QuerySet[Evidence]:
        """Return evidence behind an answer about the server."""
        return rows.filter(behind_server(value.pk))

    def by_vendor(self, rows: QuerySet[Evidence], name: str, value: Vendor) -> QuerySet[Evidence]:
        """Return evidence behind an answer about the vendor."""
        return rows.filter(behind_vendor(value.pk))

    def by_state(self, rows: QuerySet[Evidence], name: str, value: str) -> QuerySet[Evidence]:
        """Return evidence that has expired, or that is in date and was checked, or was not."""
        expired = Q(valid_until__lt=timezone.localdate())
        if value == "expired":
            return rows.filter(expired)
        checked = Exists(Verification.objects.filter(evidence=OuterRef("pk")))
        return rows.exclude(expired).filter(checked if value == "verified" else ~checked)
