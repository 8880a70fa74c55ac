"""Vendors, with their contacts and sub-processors."""

from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.principals import Principal
from accounts.units.once_a_scope import OnceAScope
from api.fields import Body, Choice, Flag, Known, Moment, OptionalReason, Reason, Text
from api.steps import in_body, takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.v1.endpoint_parts.scores import Number, number_shown
from api.v1.landscape.what_stops import WithWhatStops
from api.views import Noun, part, step
from assessments import suppliers
from assessments.suppliers import Judgement, Standing
from scoring.scales import Band
from vendors import lifecycle
from vendors.models import Contact, Criticality, Kind, SubProcessor, Vendor
from vendors.registering import relations
from work.lists import VENDORS, due_diligence, with_figures, worst_of

LOOK_ALIKES = 20


class VendorRow(Out):
    """A vendor in a list."""

    ref = serializers.CharField()
    kinds: Any = serializers.SlugRelatedField(slug_field="kind", many=True, read_only=True)
    relationship_owner = refs.PersonRef()
    parent = refs.VendorRef()
    servers_count = serializers.IntegerField(help_text="servers that you see, but those that are retired or rejected")
    findings_open = serializers.IntegerField(help_text="to do, about it and about servers that you see")
    worst_residual = serializers.SerializerMethodField()
    next_review_on = serializers.DateField(allow_null=True)
    assessed_at = Moment(allow_null=True, help_text="when it was itself assessed last; null: never")
    due_diligence = serializers.SerializerMethodField()

    class Meta:
        model = Vendor
        fields = (
            "id", "ref", "name", "legal_entity", "website", "country", "status", "criticality", "kinds",
            "relationship_owner", "parent", "servers_count", "worst_residual", "findings_open", "next_review_on",
            "assessed_at", "due_diligence", "is_demo", "created_at",
        )  # fmt: skip

    @extend_schema_field(Choice(choices=["never", "open", "complete", "overdue"]))
    def get_due_diligence(self, vendor: Vendor) -> str:
        """Return how its due diligence stands today: never done, being done for the first time, complete, overdue."""
        return due_diligence(vendor, timezone.localdate())

    def get_worst_residual(self, vendor: Vendor) -> str:
        """Return the worst residual risk of its servers that the caller sees, empty when there is none."""
        return worst_of(vendor)


class ContactOut(Out):
    """A person at a vendor."""

    class Meta:
        model = Contact
        fields = ("id", "name", "role", "email", "phone")


class SubProcessorOut(Out):
    """A vendor that another one uses to serve us."""

    used = refs.VendorRef()

    class Meta:
        model = SubProcessor
        fields = ("id", "used", "purpose")


class VendorOut(VendorRow):
    """A vendor with everything about it."""

    contacts = ContactOut(many=True)
    sub_processors = SubProcessorOut(many=True)
    look_alikes = serializers.SerializerMethodField()

    class Meta:
        model = Vendor
        fields = (*VendorRow.Meta.fields, "is_commercial", "notes", "contacts", "sub_processors", "look_alikes")

    @extend_schema_field(refs.VendorRef(many=True))
    def get_look_alikes(self, vendor: Vendor) -> Any:
        """Return the vendors whose name passes for this one's."""
        seen = Vendor.objects.visible_to(self.context["request"].user).looking_like(vendor)
        return refs.VendorRef(seen.order_by("number")[:LOOK_ALIKES], many=True).data


class VendorDimension(serializers.Serializer[Any]):
    """The frozen score of a vendor in one dimension; null where it has none."""

    dimension = serializers.CharField(source="key")
    score = Number(allow_null=True)
    band = serializers.CharField()


class VendorJudgement(serializers.Serializer[Any]):
    """How a vendor was itself assessed last, as frozen on its day; without an assessment nothing is known of it."""

    standing = Choice(choices=[one.value for one in Standing])
    assessment = refs.AssessmentRef(allow_null=True)
    finalised_by = refs.PersonRef(allow_null=True)
    finalised_at = Moment(allow_null=True)
    due_on = serializers.DateField(allow_null=True, help_text="by when to assess it again; null: it never was")
    overall = Number(allow_null=True)
    band = serializers.CharField(allow_null=True)
    dimensions = VendorDimension(many=True)


class VendorEdit(Body):
    """What can be changed of a vendor."""

    name = Text()
    kinds: Any = serializers.ListField(child=Choice(choices=Kind.choices), max_length=10)
    legal_entity = Text(required=False)
    website = Text(required=False)
    country = Text(required=False, help_text="ISO 3166 code of two letters")
    criticality = Choice(choices=Criticality.choices, required=False, allow_blank=True)
    relationship_owner = Known(User, required=False, allow_null=True)
    is_commercial = Flag(required=False, allow_null=True, help_text="offers servers as a business; null: not known")
    parent: Any = Known(Vendor, required=False, allow_null=True)
    notes = Text(required=False)


class ContactBody(Body):
    """A new contact."""

    name = Text()
    role = Text(required=False)
    email = Text(required=False)
    phone = Text(required=False)


class SubProcessorBody(Body):
    """A vendor that this one uses, and what for."""

    used = Known(Vendor)
    purpose = Text()


class ContactChosen(Body):
    """Which contact."""

    contact = serializers.UUIDField()


class SubProcessorChosen(Body):
    """Which sub-processor."""

    sub_processor = serializers.UUIDField()


@OnceAScope
def _with_figures(person: Any) -> "QuerySet[Vendor]":
    return with_figures(Vendor.objects.visible_to(person), person)


class Vendors(ListModelMixin, RetrieveModelMixin, WithFieldHistory, WithWhatStops, Noun[Vendor]):
    """Organisations that supply MCP servers, host them, or stand behind one that does."""

    serializer_class, row_class = VendorOut, VendorRow
    body_class = edit_class = VendorEdit
    of, orders = VENDORS, ("-created_at", "number")

    def get_queryset(self) -> "QuerySet[Vendor]":
        """Return the vendors that the caller may see."""
        near = _with_figures(self.person).select_related("relationship_owner", "parent").prefetch_related("kinds")
        used = Prefetch("sub_processors", SubProcessor.objects.select_related("used"))
        return near if self.action == "list" else near.prefetch_related("contacts", used)

    @takes(relations.register_vendor)
    def create(self, request: Request) -> Response:
        """Register a vendor; it is prospective at first."""
        data = self.body(VendorEdit)
        return self.made(relations.register_vendor(by=self.by, now=timezone.now(), **data))

    @takes(relations.edit_vendor)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change what is said of a vendor."""
        vendor = self.get_object()
        changes, version = self.changes()
        relations.edit_vendor.over(version)(vendor, changes=changes, by=self.by, now=timezone.now())
        return Response(self.shown(pk))

    @part("assessment", shows=VendorJudgement)
    def assessment(self, vendor: Vendor, *, now: datetime) -> dict[str, Any]:
        """Return how the vendor was itself assessed last: by whom, when, its scores, and by when again."""
        return _judged(suppliers.judgement(vendor, today=timezone.localdate(now)))

    @step("activate", takes=lifecycle.activate, body=OptionalReason)
    def activate(self, vendor: Vendor, *, by: Principal, now: datetime, reason: str = "") -> None:
        """Say that the relationship is in force."""
        lifecycle.activate(vendor, reason=reason, by=by, now=now)

    @step("start-offboarding", takes=lifecycle.start_offboarding, body=Reason)
    def start_offboarding(self, vendor: Vendor, *, by: Principal, now: datetime, reason: str) -> None:
        """Begin to end the relationship."""
        lifecycle.start_offboarding(vendor, reason=reason, by=by, now=now)

    @step("offboard", takes=lifecycle.offboard, body=Reason)
    def offboard(self, vendor: Vendor, *, by: Principal, now: datetime, reason: str) -> None:
        """Say that the relationship has ended; refused while it supplies a server that is approved or in use."""
        lifecycle.offboard(vendor, reason=reason, by=by, now=now)

    @step("prospect", takes=lifecycle.prospect, body=Reason)
    def prospect(self, vendor: Vendor, *, by: Principal, now: datetime, reason: str) -> None:
        """Consider an offboarded vendor again."""
        lifecycle.prospect(vendor, reason=reason, by=by, now=now)

    @step("add-contact", takes=relations.add_contact, body=ContactBody)
    def add_contact(self, vendor: Vendor, *, by: Principal, now: datetime, **facts: Any) -> None:
        """Record a person at the vendor."""
        relations.add_contact(vendor, by=by, now=now, **facts)

    @step("remove-contact", takes=relations.remove_contact, given=in_body, body=ContactChosen)
    def remove_contact(self, vendor: Vendor, *, by: Principal, now: datetime, contact: str) -> None:
        """Remove a contact for good."""
        relations.remove_contact(get_object_or_404(vendor.contacts, pk=contact), by=by, now=now)

    @step("add-sub-processor", takes=relations.add_sub_processor, body=SubProcessorBody)
    def add_sub_processor(self, vendor: Vendor, *, by: Principal, now: datetime, used: Vendor, purpose: str) -> None:
        """Record that the vendor uses another one to serve us; refused when that closes a circle."""
        relations.add_sub_processor(vendor, used, purpose=purpose, by=by, now=now)

    @step("remove-sub-processor", takes=relations.remove_sub_processor, given=in_body, body=SubProcessorChosen)
    def remove_sub_processor(self, vendor: Vendor, *, by: Principal, now: datetime, sub_processor: str) -> None:
        """Remove the record that the vendor uses another one."""
        row = get_object_or_404(vendor.sub_processors.select_related("used"), pk=sub_processor)
        relations.remove_sub_processor(row, by=by, now=now)


def _judged(found: Judgement) -> dict[str, Any]:
    final = found.assessment
    score = final.snapshot.score if final else None
    return {
        "standing": found.standing.value,
        "assessment": final,
        "finalised_by": final.finalised_by if final else None,
        "finalised_at": final.finalised_at if final else None,
        "due_on": found.due_on,
        "overall": _number(score.overall) if score else None,
        "band": Band(score.band).value if score else None,
        "dimensions": [
            {"key": one.key, "score": _number(one.score), "band": Band(one.band).value}
            for one in (score.dimensions if score else ())
        ],
    }


def _number(exact: Fraction | None) -> dict[str, str] | None:
    return None if exact is None else number_shown(exact)
