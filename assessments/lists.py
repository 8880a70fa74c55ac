"""How assessments are listed, and the evidence that their answers rest on."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.filters import PersonKey, UnitKey
from assessments.models import AnswerEvidence, Assessment, Verification
from catalogue.models import Question
from evidence.models import Evidence
from riskregister.filters import Choice, Day, Exact, Flag, Key, Number, One, Overdue, Searchable
from riskregister.lists import Column, Kind, List, Where
from riskregister.queries.counting import count_of
from vendors.models import Server, Vendor


class AssessmentFilters(Searchable):
    """Which assessments."""

    on_page = ("search", "assignee", "status", "kind", "of_vendor", "unit", "is_overdue")
    also = ("vendor__name", "assignee__name")
    ranges = {"due_before": "due_on"}

    assignee = PersonKey(field_name="assignee_id", label="Whose", words={"me": "Mine"})
    status = Choice(
        label="Status",
        empty="Any status",
        choices=Assessment.Status.choices,
        groups={"open": ("Draft or submitted", Assessment.WAITING)},
        offered=("open", *Assessment.Status.values),
    )
    kind = Choice(label="Kind", empty="Any kind", choices=Assessment.Kind.choices)
    of_vendor = Flag(field_name="server_id", lookup_expr="isnull", label="Judged", yes="Vendors", no="Servers")
    unit = UnitKey()
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)
    vendor = Key(field_name="vendor_id", label="Vendor", rows=Vendor.objects.visible_to, only_asked=True)
    is_overdue = Overdue()
    due_before = Day(field_name="due_on", lookup_expr="lt", label="Due before")
    number = Number(field_name="number", label="Number")


_NEAR = ("unit", "server", "vendor", "release", "assignee", "finalised_by")


def _assessments(user: Any) -> QuerySet[Assessment]:
    return Assessment.objects.visible_to(user).select_related(*_NEAR)


def _whose(row: Assessment, _today: date) -> str:
    if row.unit is None:
        return "Vendor"
    return f"{row.vendor.name} · {row.unit.name}" if row.vendor else row.unit.name


def _submitted(row: Assessment, _today: date) -> Any:
    # A draft that was returned still knows when it had been submitted.
    return None if row.status == Assessment.Status.DRAFT else row.submitted_at


ASSESSMENTS = List(
    word="assessments",
    rows=_assessments,
    filters=AssessmentFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Judged", "title", Kind.TITLE, sub=_whose, where=Where.PAGE, field=""),
        Column("Server", "server.title", where=Where.FILE),
        Column("Registry name", "server.name", where=Where.FILE, field=""),
        Column("Vendor", "vendor.name", where=Where.FILE),
        Column("Unit", "unit.name", where=Where.FILE),
        Column("Release", "release", Kind.SHORT),
        Column("Manifest digest", "manifest_digest", where=Where.FILE),
        Column("Kind", "get_kind_display", Kind.WORDS),
        Column("Status", "status", Kind.BADGE, looks="assessment"),
        Column("Assignee", "assignee.name", Kind.PERSON, empty="Nobody"),
        Column("Due", "due_on", Kind.DUE, sort="due_on", matters=lambda row, _: row.waits),
        Column("Submitted", _submitted, Kind.MOMENT, sort="-submitted", field=""),
        Column("Final", "finalised_at", Kind.MOMENT, where=Where.FILE),
        Column("Final by", "finalised_by.name", Kind.PERSON, where=Where.FILE),
    ),
    sorts={
        "number": "number",
        "created_at": "created_at id",
        "due_on": "due_on? -number",
        "submitted": "submitted_at? number",
    },
    default="-number",
)


def behind_server(server: UUID) -> Exists:
    """Return the condition that an answer about the server rests on the outer evidence."""
    return Exists(_uses().filter(answer__assessment__server=server))


def behind_vendor(vendor: UUID) -> Exists:
    """Return the condition that an answer about the vendor rests on the outer evidence."""
    about = {"answer__assessment__vendor": vendor, "answer__question__subject": Question.Subject.VENDOR}
    return Exists(_uses().filter(**about))


def _uses() -> QuerySet[AnswerEvidence]:
    return AnswerEvidence.objects.filter(evidence=OuterRef("pk"), answer__put_aside_at__isnull=True)


class EvidenceFilters(Searchable):
    """Which evidence."""

    on_page = ("search", "kind", "issuer", "state", "unit")
    also = ("url",)
    ranges = {"expires_before": "valid"}

    kind = One(field_name="kind", label="Kind", empty="Any kind", choices=Evidence.Kind.choices)
    issuer = Choice(label="Made by", empty="Anybody", choices=Evidence.Issuer.choices)
    state = One(
        method="by_state",
        label="State",
        empty="Any state",
        choices=[("verified", "Verified for an answer"), ("unverified", "Not verified"), ("expired", "Expired")],
        help_text="how it stands today, by the clock",
    )
    unit = UnitKey()
    server = Key(
        method="by_server",
        label="Server",
        rows=Server.objects.visible_to,
        only_asked=True,
        help_text="behind an answer about this server",
    )
    vendor = Key(
        method="by_vendor",
        label="Vendor",
        rows=Vendor.objects.visible_to,
        only_asked=True,
        help_text="behind an answer about this vendor",
    )
    sha256 = Exact(field_name="blob_id", label="SHA-256")
    expires_before = Day(field_name="valid_until", lookup_expr="lt", label="Valid until before")

    def by_server(self, rows: QuerySet[Evidence], name: str, value: UUID) -> QuerySet[Evidence]:
        """Return evidence behind an answer about the server."""
        seen = Server.objects.visible_to(self.request.user).filter(pk=value)
        return rows.filter(Exists(_uses().filter(answer__assessment__server__in=seen)))

    def by_vendor(self, rows: QuerySet[Evidence], name: str, value: UUID) -> QuerySet[Evidence]:
        """Return evidence behind an answer about the vendor."""
        return rows.filter(behind_vendor(value))

    def by_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Return evidence that has expired, or that is in date and was verified for an answer, or for none."""
        expired = Q(valid_until__lt=self.today)
        if value == "expired":
            return rows.filter(expired)
        in_date = rows.exclude(expired)
        return in_date.filter(verified__gt=0) if value == "verified" else in_date.filter(verified=0)


def with_uses(rows: QuerySet[Evidence], user: Any) -> QuerySet[Evidence]:
    """Return evidence with the number of answers that the person sees resting on it, and of those it is verified for.

    They are the columns `uses` and `verified`.
    """
    seen = _uses().filter(answer__assessment__in=Assessment.objects.visible_to(user))
    return rows.annotate(uses=count_of(seen, "evidence"), verified=count_of(seen.filter(_is_verified()), "evidence"))


def _is_verified() -> Exists:
    """Return the condition that the evidence of an attachment was verified for the answer as it is now."""
    same = Q(option=OuterRef("answer__option")) | Q(option=None, choice=OuterRef("answer__choice"))
    of_both = Verification.objects.filter(answer=OuterRef("answer"), evidence=OuterRef("evidence"))
    return Exists(of_both.filter(same))


def state(evidence: Any, *, today: date) -> str:
    """Return how a row of `with_uses` stands on a day: "expired", "verified" for some answer, or "unverified"."""
    if evidence.is_expired(today=today):
        return "expired"
    return "verified" if evidence.verified else "unverified"


def _evidence(user: Any) -> QuerySet[Evidence]:
    return with_uses(Evidence.objects.visible_to(user).select_related("unit", "added_by").defer("note"), user)


EVIDENCE = List(
    word="pieces of evidence",
    file_name="evidence",
    rows=_evidence,
    filters=EvidenceFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column(
            "Evidence",
            "title",
            Kind.TITLE,
            sort="title",
            sub=lambda row, _: f"{row.get_kind_display()} · {row.get_issuer_display()}",
        ),
        Column("Kind", "get_kind_display", where=Where.FILE),
        Column("Made by", "get_issuer_display", where=Where.FILE),
        Column(
            "State",
            lambda row, today: state(row, today=today),
            Kind.BADGE,
            looks="evidence",
            field="state",
        ),
        Column("Issued on", "issued_on", Kind.DAY, where=Where.FILE),
        Column("Valid until", "valid_until", Kind.DUE, sort="valid"),
        Column("For", "unit.name", Kind.SHORT, where=Where.PAGE, empty="Every unit"),
        Column("Unit", "unit.name", where=Where.FILE),
        Column("Answers", "uses", Kind.NUMBER),
        Column("Verified for", "verified", Kind.NUMBER),
        Column("File", "file_name", where=Where.FILE),
        Column("Address", "url", where=Where.FILE),
        Column("SHA-256", "blob_id", where=Where.FILE, field="blob.sha256"),
        Column("Added", "added_at", Kind.MOMENT, sub="added_by"),
        Column("Added by", "added_by.name", where=Where.FILE),
    ),
    sorts={
        "number": "number",
        "title": "title number",
        "valid": "valid_until? number",
    },
    default="-number",
)
