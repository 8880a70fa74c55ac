"""How findings and risk acceptances are listed."""

from collections.abc import Collection
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.filters import PersonKey, UnitKey
from accounts.models import User
from accounts.units import belonging as own
from catalogue.models import Dimension
from findings.models import Finding, RiskAcceptance
from riskregister.filter_widgets import Several
from riskregister.filters import Choice, Day, Exact, Flag, Key, Moment, Number, Overdue, Searchable, Words
from riskregister.lists import Column, Kind, List, Where
from riskregister.queries import narrowing
from scoring.scales import Severity
from vendors import belonging
from vendors.models import Server, ServerSupplier, Vendor

GROUPS = {
    "fixing": ("To do", Finding.BEING_FIXED),
    "settled": ("Closed or dismissed", Finding.SETTLED),
    "all": ("All", tuple(Finding.Status)),
}


def owners(user: Any) -> QuerySet[User]:
    """Return the people who own a finding that the person may see; one look into an index each."""
    owned = Finding.objects.visible_to(user).filter(owner=OuterRef("pk"))
    return User.objects.filter(Exists(owned)).order_by("name").only("name")


class FindingFilters(Searchable):
    """Which findings."""

    on_page = (
        *("search", "about", "status", "severity", "dimension", "unit", "owner", "is_overdue", "is_information_gap"),
        "source",
    )

    ranges = {"due_before": "due_on", "created_from": "created_at"}

    about = Words(method="by_subject", label="Server or vendor", help_text="words in the name of the server or vendor")
    status = Choice(
        label="Status",
        empty="Not settled",
        choices=Finding.Status.choices,
        groups=GROUPS,
        offered=("fixing", "awaiting_verification", "accepted", "proposed", "settled", "all"),
    )
    severity = Choice(label="Severity", choices=Severity.words(), stored=Severity.of, widget=Several())
    dimension = Choice(label="Dimension", empty="All five", choices=Dimension.choices)
    source = Choice(label="Source", empty="Any source", choices=Finding.Source.choices)
    unit = UnitKey(of=partial(belonging.each_to_units, vendor="vendor"), note=belonging.WORDS)
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)
    vendor = Key(field_name="vendor_id", label="Vendor", rows=Vendor.objects.visible_to, only_asked=True)
    supplier = Key(
        method="by_supplier",
        label="Vendor",
        rows=Vendor.objects.visible_to,
        only_asked=True,
        help_text="a vendor: findings about it, and about servers that it stands behind",
    )
    owner = PersonKey(field_name="owner_id", label="Owner", people=owners)
    assessment = Key(field_name="assessment_id", label="Assessment")
    is_overdue = Overdue()
    is_information_gap = Flag(
        field_name="is_information_gap", label="Raised by", empty="Anything", yes="Information gap", no="A fact"
    )
    due_before = Day(field_name="due_on", lookup_expr="lt", label="Due before")
    created_from = Moment(field_name="created_at", lookup_expr="gte", label="Recorded from")
    number = Number(field_name="number", label="Number")
    seen_by = Exact(
        method="by_look", label="Seen by", help_text="the look that raised it: composition, inspection, checks …"
    )

    def at_first(self, rows: QuerySet[Finding]) -> QuerySet[Finding]:
        """Return what is not settled, unless a status is asked for."""
        return rows if self.form.cleaned_data.get("status") else rows.filter(status__in=Finding.LIVE)

    def by_subject(self, rows: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        """Return findings about a server or vendor whose name holds the words."""
        of_server = narrowing.behind("server", Server.objects.all(), Q(title__holds=value) | Q(name__holds=value))
        return rows.filter(of_server | narrowing.behind("vendor", Vendor.objects.all(), Q(name__holds=value)))

    def by_look(self, rows: QuerySet[Finding], name: str, value: str) -> QuerySet[Finding]:
        """Return findings that a look of this kind raised."""
        raised = Finding.objects.filter(observations__collector=value).distinct()
        few = narrowing.keys(raised)
        of_each = Finding.objects.filter(pk=OuterRef("pk"), observations__collector=value)
        return rows.filter(Q(pk__in=few) if isinstance(few, list) else narrowing.asked_of_each(of_each))

    def by_supplier(self, rows: QuerySet[Finding], name: str, value: Any) -> QuerySet[Finding]:
        """Return findings about the vendor, or about a server that it stands behind in any role."""
        return rows.filter(about_supplier(value))


def about_supplier(vendor: Any) -> Q:
    """Return the condition that a finding is about the vendor, or about a server that it stands behind in any role."""
    supplied = Server.objects.filter(Exists(ServerSupplier.objects.filter(vendor_id=vendor, server=OuterRef("pk"))))
    return Q(vendor_id=vendor) | Q(server__in=narrowing.keys(supplied))


def _rows(user: Any) -> QuerySet[Finding]:
    seen = Finding.objects.visible_to(user).select_related("unit", "server", "vendor", "owner")
    return seen.only(
        *("number", "title", "severity", "status", "dimension", "is_information_gap", "source", "question_key"),
        *("due_on", "opened_at", "created_at", "closed_at"),
        *("unit__name", "server__title", "vendor__name", "owner__name"),
    )


def _about(finding: Finding, _today: date) -> str:
    gap = " · information gap" if finding.is_information_gap else ""
    return f"{finding.get_dimension_display() or 'Missed condition'}{gap}"


def _subject(finding: Finding, _today: date) -> str:
    return finding.server.title if finding.server else finding.vendor.name if finding.vendor else ""


FINDINGS = List(
    word="findings",
    rows=_rows,
    filters=FindingFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Finding", "title", Kind.TITLE, sub=_about),
        Column(
            "Severity",
            lambda row, _: Severity(row.severity).word,
            Kind.BADGE,
            sort="severity",
            looks="severity",
            field="severity",
        ),
        Column(
            "Server or vendor",
            _subject,
            Kind.WORDS,
            where=Where.PAGE,
            sub=lambda row, _: row.unit.name if row.unit else "Vendor",
            field="",  # `server` or `vendor`
        ),
        Column("Status", "status", Kind.BADGE, looks="finding"),
        Column("Dimension", "get_dimension_display", where=Where.FILE),
        Column("Server", "server.title", where=Where.FILE),
        Column("Vendor", "vendor.name", where=Where.FILE),
        Column("Unit", "unit.name", where=Where.FILE),
        Column("Due", "due_on", Kind.DUE, sort="due_on", matters=lambda row, _: row.status in Finding.BEING_FIXED),
        Column(
            "Overdue",
            lambda row, today: row.is_overdue(today=today),
            Kind.FLAG,
            where=Where.FILE,
            field="is_overdue",
        ),
        Column("Owner", "owner.name", Kind.PERSON, empty="Nobody"),
        Column("Opened", "opened_at", Kind.MOMENT, where=Where.FILE),
        Column("Age", lambda row, today: row.age_in_days(today=today), Kind.NUMBER, sort="age", unit="d", field=""),
        Column("Information gap", "is_information_gap", Kind.FLAG, where=Where.FILE),
        Column("Source", "get_source_display", where=Where.FILE),
        Column("Question", "question_key", where=Where.FILE),
        Column("Closed", "closed_at", Kind.MOMENT, where=Where.FILE),
    ),
    sorts={
        "severity": "severity due_on? -number",
        "due_on": "due_on? -id",
        # The oldest first: who sorts by age looks for what has waited longest.
        "age": "created_at id",
        "created_at": "created_at id",
        "number": "number",
    },
    default="severity",
)

SOON = timedelta(days=30)
STATES = {
    "waiting": "Waiting for a decision",
    "in_force": "In force",
    "expiring": "Expiring within 30 days",
    "expired": "Expired",
    "refused": "Refused",
    "revoked": "Revoked",
}


def _acceptances_of(units: Collection[UUID]) -> Q:
    """Return the condition that an acceptance belongs to the units; that of a vendor's finding is of no unit itself."""
    about = Finding.objects.filter(belonging.each_by_vendor(units, vendor="vendor"), pk=OuterRef("finding"))
    return own.in_units(units) | Q(unit__isnull=True) & narrowing.asked_of_each(about)


class AcceptanceFilters(Searchable):
    """Which acceptances."""

    on_page = ("search", "state", "unit")
    ranges = {"expires_before": "expires_on", "expires_from": "expires_on"}
    also = (
        *("finding__title", "finding__server__title", "finding__vendor__name", "server__title"),
        "compensating_control",
    )

    state = Choice(
        method="by_state", label="State", choices=STATES.items(), help_text="how it stands today, by the clock"
    )
    status = Choice(label="Status", choices=RiskAcceptance.Status.choices)
    unit = UnitKey(of=_acceptances_of, note=belonging.WORDS)
    finding = Key(field_name="finding_id", label="Finding")
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)
    expires_before = Day(field_name="expires_on", lookup_expr="lt", label="Ends before")
    expires_from = Day(field_name="expires_on", lookup_expr="gte", label="Ends from")

    def by_state(self, rows: QuerySet[RiskAcceptance], name: str, value: list[str]) -> QuerySet[RiskAcceptance]:
        """Return acceptances in one of these states today."""
        found = Q()
        for state in value:
            found |= _in_state(state, today=self.today)
        return rows.filter(found)


def _in_state(state: str, *, today: date) -> Q:
    granted, in_force = Q(status=RiskAcceptance.Status.GRANTED), RiskAcceptance.in_force_on(today)
    return {
        "waiting": Q(status=RiskAcceptance.Status.REQUESTED),
        "in_force": in_force,
        "expiring": in_force & Q(expires_on__lte=today + SOON),
        "expired": granted & Q(expires_on__lt=today),
        "refused": Q(status=RiskAcceptance.Status.REFUSED),
        "revoked": Q(status=RiskAcceptance.Status.REVOKED),
    }[state]


def _acceptances(user: Any) -> QuerySet[RiskAcceptance]:
    near = ("unit", "server", "finding__server", "finding__vendor", "requested_by", "decided_by")
    return RiskAcceptance.objects.visible_to(user).select_related(*near)


def _risk(row: RiskAcceptance, _today: date) -> str:
    return row.finding.title if row.finding else f"Low score of {row.subject}"


def _of_what(row: RiskAcceptance, _today: date) -> str:
    parts = (row.finding.ref if row.finding else "", str(row.subject), row.unit.name if row.unit else "")
    return " · ".join(part for part in parts if part)


ACCEPTANCES = List(
    word="acceptances",
    rows=_acceptances,
    filters=AcceptanceFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Risk", _risk, Kind.TITLE, sub=_of_what, field=""),
        Column("Finding", "finding.ref", where=Where.FILE),
        Column("Server or vendor", "subject", where=Where.FILE, field=""),
        Column("Unit", "unit.name", where=Where.FILE),
        Column("State", lambda row, today: row.state(today=today), Kind.BADGE, looks="acceptance", field="state"),
        Column(
            "Until",
            "expires_on",
            Kind.DUE,
            sort="expires_on",
            matters=lambda row, today: row.state(today=today) in ("requested", "in_force"),
        ),
        Column("Reason", "reason", where=Where.FILE),
        Column("Compensating control", "compensating_control", cut=16),
        Column("Asked for", "requested_at", Kind.MOMENT, sort="-asked", sub="requested_by"),
        Column("Asked for by", "requested_by.name", where=Where.FILE),
        Column("Decided by", "decided_by.name", Kind.PERSON),
        Column("Decided", "decided_at", Kind.MOMENT, where=Where.FILE),
        Column("Note", "decision_note", where=Where.FILE),
    ),
    sorts={"expires_on": "expires_on number", "number": "number", "asked": "requested_at number"},
    default="expires_on",
)
