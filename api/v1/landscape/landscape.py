"""What servers are used for: use cases with their model, and the business processes that need them."""

from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Unit, User
from accounts.principals import Principal
from api.fields import Body, Flag, Known, Reason, Text, Whole
from api.steps import in_body, takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step
from landscape import processes, use_cases
from landscape.lists import PROCESSES, USE_CASES
from landscape.models import BusinessProcess, UseCase, UseCaseDeployment, UseCaseProcess
from vendors.models import Deployment, Vendor


class ProcessRef(Out):
    """A business process."""

    ref = serializers.CharField()

    class Meta:
        model = BusinessProcess
        fields = ("id", "ref", "name")


class ProcessOut(Out):
    """A business process; within `recovery_hours` it must go on after it stopped, null where nobody knows."""

    ref = serializers.CharField()
    unit = refs.UnitRef()
    owner = refs.PersonRef()

    class Meta:
        model = BusinessProcess
        fields = (
            "id", "ref", "unit", "name", "status", "owner", "recovery_hours", "is_critical", "when_it_stops",
            "created_at",
        )  # fmt: skip


class ProcessEdit(Body):
    """What can be changed of a business process; null is not known."""

    name = Text(max_length=160)
    owner = Known(User, required=False, allow_null=True)
    recovery_hours = Whole(
        required=False, allow_null=True, min_value=0, max_value=processes.LONGEST_HOURS, help_text="hours, not days"
    )
    is_critical = Flag(
        required=False, allow_null=True, help_text="a critical or important function (DORA, article 3(22))"
    )
    when_it_stops = Text(required=False)


class ProcessBody(ProcessEdit):
    """A new business process of a unit."""

    unit = Known(Unit)


class Processes(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[BusinessProcess]):
    """What units do, and how long they can do without."""

    serializer_class = ProcessOut
    body_class, edit_class = ProcessBody, ProcessEdit
    of, orders = PROCESSES, ("-number", "name", "recovery_hours")

    def get_queryset(self) -> "QuerySet[BusinessProcess]":
        """Return the business processes that the caller may see."""
        return BusinessProcess.objects.visible_to(self.person).select_related("unit", "owner")

    @takes(processes.write)
    def create(self, request: Request) -> Response:
        """Register a business process."""
        return self.made(processes.write(**self.body(ProcessBody), by=self.by, now=timezone.now()))

    @takes(processes.rewrite)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change what is said of a business process that goes on."""
        process = self.get_object()
        changes, version = self.changes()
        processes.rewrite.over(version)(process, changes=changes, by=self.by, now=timezone.now())
        return Response(self.shown(pk))

    @step("end", takes=processes.end, body=Reason)
    def end(self, process: BusinessProcess, *, by: Principal, now: datetime, reason: str) -> None:
        """Say that the unit does it no more."""
        processes.end(process, reason=reason, by=by, now=now)


class ServedByOut(Out):
    """A deployment that a use case works with."""

    deployment = refs.DeploymentRef()

    class Meta:
        model = UseCaseDeployment
        fields = ("id", "deployment")


class ServesOut(Out):
    """A business process that needs a use case."""

    process = ProcessRef()

    class Meta:
        model = UseCaseProcess
        fields = ("id", "process")


class UseCaseRow(Out):
    """A use case in a list; null of `follows_alias` is not known."""

    ref = serializers.CharField()
    unit = refs.UnitRef()
    owner = refs.PersonRef()
    model_vendor = refs.VendorRef()

    class Meta:
        model = UseCase
        fields = (
            "id", "ref", "unit", "name", "status", "owner", "model_vendor", "model_name", "model_version",
            "follows_alias", "created_at",
        )  # fmt: skip


class UseCaseOut(UseCaseRow):
    """A use case with what serves it and what it serves."""

    served_by = ServedByOut(many=True)
    processes = ServesOut(many=True)

    class Meta:
        model = UseCase
        fields = (*UseCaseRow.Meta.fields, "purpose", "data_used", "served_by", "processes")


class UseCaseEdit(Body):
    """What can be changed of a use case; null and empty are not known."""

    name = Text(max_length=160)
    owner = Known(User, required=False, allow_null=True)
    purpose = Text(required=False)
    data_used = Text(required=False, help_text="what data it works on")
    model_vendor = Known(Vendor, required=False, allow_null=True, help_text="a vendor of the kind model_provider")
    model_name = Text(required=False, max_length=120)
    model_version = Text(required=False, max_length=120, help_text="the pinned version")
    follows_alias = Flag(required=False, allow_null=True, help_text="the name stands for another model one day")


class UseCaseBody(UseCaseEdit):
    """A new use case of a unit."""

    unit = Known(Unit)


class DeploymentChosen(Body):
    """Which deployment."""

    deployment = Known(Deployment)


class ProcessChosen(Body):
    """Which business process."""

    process = Known(BusinessProcess)


class LinkChosen(Body):
    """Which of the links of the use case."""

    link = serializers.UUIDField()


class UseCases(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[UseCase]):
    """Agents and what they are used for, with the model, the deployments and the processes of each."""

    serializer_class, row_class = UseCaseOut, UseCaseRow
    body_class, edit_class = UseCaseBody, UseCaseEdit
    of, orders = USE_CASES, ("-number", "name")

    def get_queryset(self) -> "QuerySet[UseCase]":
        """Return the use cases that the caller may see."""
        rows = UseCase.objects.visible_to(self.person).select_related("unit", "owner", "model_vendor")
        if self.action == "list":
            return rows
        served_by = Prefetch("served_by", UseCaseDeployment.objects.select_related("deployment"))
        return rows.prefetch_related(served_by, Prefetch("processes", UseCaseProcess.objects.select_related("process")))

    @takes(use_cases.write)
    def create(self, request: Request) -> Response:
        """Register a use case."""
        return self.made(use_cases.write(**self.body(UseCaseBody), by=self.by, now=timezone.now()))

    @takes(use_cases.rewrite)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change what is said of a use case that is in use."""
        use_case = self.get_object()
        changes, version = self.changes()
        use_cases.rewrite.over(version)(use_case, changes=changes, by=self.by, now=timezone.now())
        return Response(self.shown(pk))

    @step("end", takes=use_cases.end, body=Reason)
    def end(self, use_case: UseCase, *, by: Principal, now: datetime, reason: str) -> None:
        """Say that nobody uses it any more."""
        use_cases.end(use_case, reason=reason, by=by, now=now)

    @step("add-deployment", takes=use_cases.add_deployment, body=DeploymentChosen)
    def add_deployment(self, use_case: UseCase, *, by: Principal, now: datetime, deployment: Deployment) -> None:
        """Record that it works with a deployment of its unit."""
        use_cases.add_deployment(use_case, deployment, by=by, now=now)

    @step("remove-deployment", takes=use_cases.remove_deployment, given=in_body, body=LinkChosen)
    def remove_deployment(self, use_case: UseCase, *, by: Principal, now: datetime, link: str) -> None:
        """Remove the record that it works with a deployment."""
        row = get_object_or_404(use_case.served_by.select_related("use_case", "deployment"), pk=link)
        use_cases.remove_deployment(row, by=by, now=now)

    @step("add-process", takes=use_cases.add_process, body=ProcessChosen)
    def add_process(self, use_case: UseCase, *, by: Principal, now: datetime, process: BusinessProcess) -> None:
        """Record that a business process of its unit needs it."""
        use_cases.add_process(use_case, process, by=by, now=now)

    @step("remove-process", takes=use_cases.remove_process, given=in_body, body=LinkChosen)
    def remove_process(self, use_case: UseCase, *, by: Principal, now: datetime, link: str) -> None:
        """Remove the record that a business process needs it."""
        row = get_object_or_404(use_case.processes.select_related("use_case", "process"), pk=link)
        use_cases.remove_process(row, by=by, now=now)
