"""Filters of the risk register."""

from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from catalogue.models import Dimension
from findings.models import Finding
from scoring.scales import Severity
from vendors.models import Server, ServerSupplier, Vendor
from web.filters.narrowing import by_number, narrow, units_seen

LIVE = (Finding.Status.PROPOSED, *Finding.UNSETTLED)
GROUPS = {
    "": ("Not settled", LIVE),
    "fixing": ("To do", Finding.BEING_FIXED),
    "awaiting": ("Awaiting verification", (Finding.Status.AWAITING_VERIFICATION,)),
    "accepted": ("Risk accepted", (Finding.Status.ACCEPTED,)),
    "proposed": ("Proposed", (Finding.Status.PROPOSED,)),
    "settled": ("Closed or dismissed", (Finding.Status.CLOSED, Finding.Status.DISMISSED)),
    "all": ("All", tuple(Finding.Status)),
}
SEVERITIES = Severity.words()


class FindingFilters(django_filters.FilterSet):  # type: ignore[misc]
    """Words, subject, status, severity, dimension, unit, owner, due, information gap, source.

    `server`, `vendor` and `mine` come from links of other pages; they are shown while they narrow the list only, since
    a choice of 5,000 servers helps nobody.
    """

    q = django_filters.CharFilter(method="by_words", label="Search")
    about = django_filters.CharFilter(method="by_subject", label="Server or vendor")
    group = django_filters.ChoiceFilter(
        method="by_group",
        label="Status",
        empty_label=GROUPS[""][0],
        choices=[(key, word) for key, (word, _) in GROUPS.items() if key],
    )
    severity = django_filters.MultipleChoiceFilter(
        method="by_severity", label="Severity", choices=SEVERITIES, widget=forms.CheckboxSelectMultiple
    )
    dimension = django_filters.ChoiceFilter(label="Dimension", empty_label="All five", choices=Dimension.choices)
    unit = django_filters.ModelChoiceFilter(queryset=units_seen, label="Unit", empty_label="All units")
    owner = django_filters.ChoiceFilter(method="by_owner", label="Owner", empty_label="Everybody's", choices=())
    overdue = django_filters.ChoiceFilter(
        method="by_due", label="Due", empty_label="Any day", choices=[("true", "Overdue")]
    )
    gap = django_filters.ChoiceFilter(
        method="by_gap",
        label="Raised by",
        empty_label="Anything",
        choices=[("yes", "Information gap"), ("no", "A fact")],
    )
    source = django_filters.ChoiceFilter(label="Source", empty_label="Any source", choices=Finding.Source.choices)
    mine = django_filters.ChoiceFilter(
        method="by_me", label="Whose", empty_label="Everybody's", choices=[("on", "Mine")]
    )
    server = django_filters.ModelChoiceFilter(queryset=Server.objects.none(), label="Server", empty_label="All servers")
    vendor = django_filters.ModelChoiceFilter(
        method="by_vendor", queryset=Vendor.objects.none(), label="Vendor", empty_label="All vendors"
    )

    class Meta:
        model = Finding
        fields = (
            *("q", "about", "group", "severity", "dimension", "unit", "owner", "overdue", "gap", "source"),
            *("mine", "server", "vendor"),
        )

    def __init__(self, data: Any = None, *args: Any, request: HttpRequest | None = None, **kwargs: Any) -> None:
        """Offer the owners of the findings that the person may see, and what a link has narrowed the list to."""
        super().__init__(data, *args, request=request, **kwargs)
        user = getattr(request, "user", None)
        self.filters["owner"].extra["choices"] = _owners(user)
        for name, rows in (("server", Server.objects), ("vendor", Vendor.objects)):
            narrow(self, name, rows.visible_to(user))
        if not self.data.get("mine"):
            del self.filters["mine"]

    def filter_queryset(self, queryset: QuerySet[Finding]) -> QuerySet[Finding]:
        """Return what fits; without a status what is not settled."""
        found: QuerySet[Finding] = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("group") else found.filter(status__in=LIVE)

    def by_words(self, rows: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        """Return findings whose number, title or question holds the words."""
        words = Q(title__icontains=value) | Q(question_key__icontains=value)
        return rows.filter(words | by_number(value, "F-"))

    def by_subject(self, rows: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        """Return findings about a server or vendor whose name holds the words."""
        servers = Server.objects.filter(Q(title__icontains=value) | Q(name__icontains=value))
        vendors = Vendor.objects.filter(name__icontains=value)
        return rows.filter(Q(server__in=servers.values("pk")) | Q(vendor__in=vendors.values("pk")))

    def by_group(self, rows: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        """Return findings whose status belongs to the group."""
        return rows if value == "all" else rows.filter(status__in=GROUPS[value][1])

    def by_severity(self, rows: QuerySet[Finding], name: str, value: list[str]) -> QuerySet[Finding]:
        """Return findings of one of the severities."""
        return rows.filter(severity__in=[Severity.of(word) for word in value]) if value else rows

    def by_owner(self, rows: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        """Return findings of this owner, of the person who asks ("me"), or that nobody owns ("none")."""
        if value == "none":
            return rows.filter(owner__isnull=True)
        return rows.filter(owner=self.request.user if value == "me" else UUID(value))

    def by_me(self, rows: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        """Return findings that the person who asks owns."""
        return rows.filter(owner=self.request.user)

    def by_due(self, rows: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        """Return findings being worked on whose due date has passed."""
        return rows.filter(status__in=Finding.BEING_FIXED, due_on__lt=timezone.localdate())

    def by_gap(self, rows: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        """Return findings that an unknown answer raised, or those that a known fact did."""
        return rows.filter(is_information_gap=value == "yes")

    def by_vendor(self, rows: QuerySet[Finding], name: str, value: Vendor) -> QuerySet[Finding]:
        """Return findings about the vendor, or about a server that it stands behind in any role."""
        supplied = ServerSupplier.objects.filter(vendor=value).order_by().values("server")
        return rows.filter(Q(vendor=value) | Q(server__in=supplied))


def _owners(user: Any) -> list[tuple[str, str]]:
    """Return the people who own a finding that the person may see; one look into an index each."""
    owned = Finding.objects.visible_to(user).filter(owner=OuterRef("pk"))
    people = User.objects.filter(Exists(owned)).order_by("name").values_list("pk", "name")
    return [("me", "Me"), ("none", "Nobody"), *((str(pk), name) for pk, name in people)]
