"""Exit plans: how a server is left, and whether that was shown to work."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.principals import Principal
from api.fields import Body, Known, Text, Whole
from api.steps import takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step
from exits import plans
from exits.lists import EXIT_PLANS
from exits.models import ExitPlan
from riskregister import looks
from vendors.models import Server


class ExitPlanOut(Out):
    """An exit plan; `days` until agents go on, `tried_on` the day of its last trial.

    `counts_until` is the last day on which a trial that worked counts, a year after it; null for another.
    `state` is its status, or `to_try` once that day has passed.
    """

    unit = refs.UnitRef()
    server = refs.ServerRef()
    written_by = refs.PersonRef()
    state = serializers.SerializerMethodField()

    class Meta:
        model = ExitPlan
        fields = (
            "id", "ref", "unit", "server", "status", "state", "plan", "replacement", "days", "tried_on",
            "counts_until", "trial_note", "written_by", "written_at",
        )  # fmt: skip

    @extend_schema_field({"type": "string", "enum": list(looks.kinds()["exit plan"])})
    def get_state(self, plan: ExitPlan) -> str:
        """Return how it is today."""
        return plan.state(today=timezone.localdate())


class ExitPlanEdit(Body):
    """What is done, what takes the server's place, and in how many days."""

    plan = Text()
    replacement = Text(max_length=200)
    days = Whole(min_value=0, max_value=plans.LONGEST_DAYS)


class ExitPlanBody(ExitPlanEdit):
    """The same, of which server."""

    server = Known(Server)


class Trial(Body):
    """When it was tried, and what was seen."""

    tried_on = serializers.DateField()
    note = Text()


class ExitPlans(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[ExitPlan]):
    """Exit plans of servers."""

    serializer_class, body_class = ExitPlanOut, ExitPlanBody
    of, orders = EXIT_PLANS, ("-number", "days", "tried_on")

    def get_queryset(self) -> "QuerySet[ExitPlan]":
        """Return the plans that the caller may see."""
        return ExitPlan.objects.visible_to(self.person).select_related("unit", "server", "written_by")

    @takes(plans.write)
    def create(self, request: Request) -> Response:
        """Write the exit plan of a server that has none."""
        data = self.body(ExitPlanBody)
        server: Server = data.pop("server")
        return self.made(plans.write(server, by=self.by, now=timezone.now(), **data))

    @step("rewrite", takes=plans.rewrite, body=ExitPlanEdit)
    def rewrite(self, exit_plan: ExitPlan, *, by: Principal, now: datetime, version: str | None, **data: Any) -> None:
        """Write the plan anew; it is not shown to work until it is tried again."""
        plans.rewrite.over(version)(exit_plan, by=by, now=now, **data)

    @step("record-success", takes=plans.record_success, body=Trial)
    def record_success(self, exit_plan: ExitPlan, *, by: Principal, now: datetime, tried_on: date, note: str) -> None:
        """Record a trial that worked."""
        plans.record_success(exit_plan, tried_on=tried_on, note=note, by=by, now=now)

    @step("record-failure", takes=plans.record_failure, body=Trial)
    def record_failure(self, exit_plan: ExitPlan, *, by: Principal, now: datetime, tried_on: date, note: str) -> None:
        """Record a trial that did not hold; the server's owner and the managers are told."""
        plans.record_failure(exit_plan, tried_on=tried_on, note=note, by=by, now=now)
