"""Shared services: what servers run behind."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Unit, User
from accounts.principals import Principal
from api.fields import Body, Choice, Flag, Known, Reason, Text
from api.steps import in_body, takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.v1.landscape.what_stops import WithWhatStops
from api.views import Noun, step
from landscape import shared_services
from landscape.lists import SHARED_SERVICES
from landscape.models import DeploymentService, SharedService
from riskregister import looks
from vendors.models import Deployment, Vendor

PERCENT = "in per cent, such as 99.95; empty: not known"


class SharedServiceOut(Out):
    """A shared service; without a `unit` it is of all units. Null, and empty, is not known."""

    ref = serializers.CharField()
    unit = refs.UnitRef()
    owner = refs.PersonRef()
    vendor = refs.VendorRef()
    assessment_state = serializers.SerializerMethodField()

    class Meta:
        model = SharedService
        fields = (
            "id", "ref", "unit", "name", "kind", "status", "owner", "vendor", "availability_promised",
            "availability_measured", "assessment_state", "assessed_on", "assessment_result", "assess_again_on",
            "assessment_note", "is_single_point", "stand_in", "can_be_bypassed", "bypassed_by", "created_at",
        )  # fmt: skip

    @extend_schema_field({"type": "string", "enum": list(looks.kinds()["service assessment"])})
    def get_assessment_state(self, service: SharedService) -> str:
        """Return never, lapsed, or what the assessment that counts came to."""
        return service.assessment_state(today=timezone.localdate())


class SharedServiceEdit(Body):
    """What can be changed of a shared service."""

    name = Text(max_length=160)
    kind = Choice(choices=SharedService.Kind.choices)
    owner = Known(User, required=False, allow_null=True)
    vendor = Known(Vendor, required=False, allow_null=True, help_text="who runs it for us")
    availability_promised = Text(required=False, max_length=8, help_text=PERCENT)
    availability_measured = Text(required=False, max_length=8, help_text=PERCENT)
    is_single_point = Flag(required=False, allow_null=True)
    stand_in = Text(required=False, max_length=200, help_text="what takes its place when it fails")
    can_be_bypassed = Flag(required=False, allow_null=True)
    bypassed_by = Text(required=False, max_length=300, help_text="who can go past it, and how")


class SharedServiceBody(SharedServiceEdit):
    """A new shared service; without a unit it is of all units."""

    unit: Any = Known(Unit, required=False, allow_null=True, default=None)


class AssessmentOfService(Body):
    """When it was assessed, what that came to, and until when that counts: a year unless said."""

    assessed_on = serializers.DateField()
    result = Choice(choices=SharedService.Result.choices)
    assess_again_on = serializers.DateField(required=False)
    note = Text()


class RunsBehind(Body):
    """Which deployment."""

    deployment = Known(Deployment)


class SharedServices(ListModelMixin, RetrieveModelMixin, WithFieldHistory, WithWhatStops, Noun[SharedService]):
    """Gateways, log stores, identity providers, sandboxes and stores of secrets that servers run behind."""

    serializer_class = SharedServiceOut
    body_class, edit_class = SharedServiceBody, SharedServiceEdit
    of, orders = SHARED_SERVICES, ("-number", "name", "assess_again_on")

    def get_queryset(self) -> "QuerySet[SharedService]":
        """Return the shared services that the caller may see."""
        return SharedService.objects.visible_to(self.person).select_related("unit", "owner", "vendor")

    @takes(shared_services.write)
    def create(self, request: Request) -> Response:
        """Register a shared service, which nobody has assessed yet."""
        return self.made(shared_services.write(**self.body(SharedServiceBody), by=self.by, now=timezone.now()))

    @takes(shared_services.rewrite)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change what is said of a shared service; findings of the servers behind it follow."""
        service = self.get_object()
        changes, version = self.changes()
        shared_services.rewrite.over(version)(service, changes=changes, by=self.by, now=timezone.now())
        return Response(self.shown(pk))

    @step("record-assessment", takes=shared_services.record_assessment, body=AssessmentOfService)
    def record_assessment(
        self,
        service: SharedService,
        *,
        by: Principal,
        now: datetime,
        assessed_on: date,
        result: str,
        note: str,
        assess_again_on: date | None = None,
    ) -> None:
        """Record an assessment; findings of the servers behind it follow."""
        shared_services.record_assessment(
            service, assessed_on=assessed_on, result=result, note=note, assess_again_on=assess_again_on, by=by, now=now
        )

    @step("end", takes=shared_services.end, body=Reason)
    def end(self, service: SharedService, *, by: Principal, now: datetime, reason: str) -> None:
        """Say that nobody uses it any more."""
        shared_services.end(service, reason=reason, by=by, now=now)

    @step("add-deployment", takes=shared_services.add, given=in_body, body=RunsBehind)
    def add_deployment(self, service: SharedService, *, by: Principal, now: datetime, deployment: Deployment) -> None:
        """Record that a deployment runs behind it."""
        shared_services.add(deployment, service, by=by, now=now)

    @step("remove-deployment", takes=shared_services.remove, given=in_body, body=RunsBehind)
    def remove_deployment(
        self, service: SharedService, *, by: Principal, now: datetime, deployment: Deployment
    ) -> None:
        """Remove the record that a deployment runs behind it."""
        links = DeploymentService.objects.select_related("service", "deployment__server")
        shared_services.remove(get_object_or_404(links, service=service, deployment=deployment), by=by, now=now)
