"""How certificates and rounds of due diligence are listed."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from assurance.models import Certificate, DueDiligence, DueDiligenceItem
from riskregister.filters import Choice, Day, FilterSet, Flag, Key, Searchable
from riskregister.lists import Column, Kind, List
from vendors.models import Vendor


class CertificateFilters(Searchable):
    """Which certificates."""

    on_page = ("search", "kind", "status", "has_ended")
    ranges = {"ends_before": "counts_until"}

    kind = Choice(label="Kind", empty="Any kind", choices=Certificate.Kind.choices)
    status = Choice(label="State", empty="Any state", choices=Certificate.Status.choices)
    has_ended = Flag(
        method="by_end",
        label="End",
        empty="Any day",
        yes="Ended",
        no="Not ended",
        help_text="whether its day has passed",
    )
    ends_before = Day(field_name="counts_until", lookup_expr="lt", label="Counts until before")
    vendor = Key(field_name="vendor_id", label="Vendor", rows=Vendor.objects.visible_to, only_asked=True)

    def at_first(self, rows: QuerySet[Certificate]) -> QuerySet[Certificate]:
        """Return those that nobody replaced or withdrew, unless a state is asked for."""
        out = (Certificate.Status.SUPERSEDED, Certificate.Status.WITHDRAWN)
        return rows if self.form.cleaned_data.get("status") else rows.exclude(status__in=out)

    def by_end(self, rows: QuerySet[Certificate], name: str, value: bool) -> QuerySet[Certificate]:  # noqa: FBT001
        """Return those whose last day has passed, or all others; of some nobody knows the day."""
        ended = Q(counts_until__lt=self.today)
        return rows.filter(ended if value else ~ended | Q(counts_until__isnull=True))


def _certificates(user: Any) -> QuerySet[Certificate]:
    return Certificate.objects.visible_to(user).select_related("vendor")


def _state(row: Certificate, today: date) -> str:
    return row.state(today=today)


CERTIFICATES = List(
    word="certificates",
    rows=_certificates,
    filters=CertificateFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Certificate", "get_kind_display", Kind.TITLE, sub="vendor.name", field="kind"),
        Column("State", _state, Kind.BADGE, looks="certificate", field="state"),
        Column("Legal entity", "legal_entity", Kind.WORDS),
        Column("By", "body", Kind.WORDS, empty="Not known"),
        Column("Counts until", "counts_until", Kind.DUE, sort="counts_until", empty="Not known"),
        Column("Of 8 conditions met", "conditions_met", Kind.NUMBER, empty="Not judged"),
    ),
    sorts={"number": "number", "counts_until": "counts_until? number"},
    default="counts_until",
)


class DueDiligenceFilters(Searchable):
    """Which rounds."""

    on_page = ("search", "status")
    ranges = {"due_before": "next_due_on"}

    status = Choice(label="State", empty="Any state", choices=DueDiligence.Status.choices)
    due_before = Day(field_name="next_due_on", lookup_expr="lt", label="Next due before")
    vendor = Key(field_name="vendor_id", label="Vendor", rows=Vendor.objects.visible_to, only_asked=True)


def _rounds(user: Any) -> QuerySet[DueDiligence]:
    return DueDiligence.objects.visible_to(user).select_related("vendor", "started_by", "completed_by")


def _is_due(row: DueDiligence, _today: date) -> bool:
    return row.status == DueDiligence.Status.COMPLETE


DUE_DILIGENCE = List(
    word="due diligence",
    rows=_rounds,
    filters=DueDiligenceFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Vendor", "vendor.name", Kind.TITLE),
        Column("State", "status", Kind.BADGE, looks="due diligence"),
        Column("Begun by", "started_by.name", Kind.PERSON),
        Column("Completed on", "completed_on", Kind.DAY, empty="Not yet"),
        Column("Completed by", "completed_by.name", Kind.PERSON, empty="Nobody yet"),
        Column("Next due", "next_due_on", Kind.DUE, sort="next_due_on", matters=_is_due, empty="Not set"),
    ),
    sorts={"number": "number", "next_due_on": "next_due_on? number"},
    default="-number",
)


class DueDiligenceItemFilters(FilterSet):
    """Which items."""

    due_diligence = Key(field_name="due_diligence_id", label="Round")
    outcome = Choice(label="Found", empty="Anything", choices=DueDiligenceItem.Outcome.choices)


def _items(user: Any) -> QuerySet[DueDiligenceItem]:
    near = ("due_diligence__vendor", "looked_by", "waived_by", "evidence")
    return DueDiligenceItem.objects.visible_to(user).select_related(*near)


DUE_DILIGENCE_ITEMS = List(
    word="due diligence items", rows=_items, filters=DueDiligenceItemFilters, sorts={"id": "id"}, default="id"
)
