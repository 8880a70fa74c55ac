"""Deployments: a server in one environment, used by one agent or for one use case."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.principals import Principal
from api.fields import Body, Choice, Flag, Known, Text, Whole
from api.steps import takes
from api.v1.controls import control_statuses
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.v1.servers.exposure import Exposure
from api.views import Noun, part, step
from vendors.lists import DEPLOYMENTS
from vendors.models import Deployment, Server
from vendors.models.deployment import FACTS
from vendors.registering import deployments, exposure


class DeploymentOut(Out):
    """A deployment."""

    ref = serializers.CharField()
    server = refs.ServerRef()
    owner = refs.PersonRef()
    unknown_facts = serializers.SerializerMethodField()

    class Meta:
        model = Deployment
        fields = (
            "id", "ref", "server", "name", "environment", "agent", "owner", "personal_data", "governance_tier",
            "governance_revision", "in_use_since", "ended_on", "inherent_tier", "tier_reason", "tier_at_best",
            "unknown_facts", *FACTS,
        )  # fmt: skip

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": list(FACTS)}})
    def get_unknown_facts(self, deployment: Deployment) -> list[str]:
        """Return the facts that nobody knows: knowing them narrows the tier."""
        return [fact.key for fact in exposure.unknown(deployment)]


class DeploymentEdit(Exposure):
    """What can be changed of a deployment; an empty exposure fact is not known."""

    name = Text()
    environment = Choice(choices=Deployment.Environment.choices)
    agent = Text()
    owner = Known(User, required=False, allow_null=True)
    personal_data = Flag(required=False, allow_null=True)
    governance_tier = Whole(required=False, allow_null=True, min_value=1, max_value=3)
    governance_revision = Choice(choices=[("", "Not set"), *Deployment.GovernanceRevision.choices], required=False)
    in_use_since = serializers.DateField(required=False, allow_null=True)


class DeploymentBody(DeploymentEdit):
    """A new deployment of a server; without `in_use_since` it is planned."""

    server = Known(Server)


class Ending(Body):
    """The last day of use."""

    on = serializers.DateField()


class Deployments(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Deployment]):
    """Where servers are used, with the exposure facts that the inherent tier follows from."""

    serializer_class = DeploymentOut
    body_class, edit_class = DeploymentBody, DeploymentEdit
    of, orders = DEPLOYMENTS, ("-number",)

    def get_queryset(self) -> "QuerySet[Deployment]":
        """Return the deployments of the servers that the caller may see."""
        return Deployment.objects.visible_to(self.person).select_related("server", "owner")

    @takes(deployments.add_deployment)
    def create(self, request: Request) -> Response:
        """Add a deployment of a server; the tiers of both follow."""
        data = self.body(DeploymentBody)
        server: Server = data.pop("server")
        return self.made(deployments.add_deployment(server, by=self.by, now=timezone.now(), **data))

    @takes(deployments.edit_deployment)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change a deployment that has not ended."""
        deployment = self.get_object()
        changes, version = self.changes()
        deployments.edit_deployment.over(version)(deployment, changes=changes, by=self.by, now=timezone.now())
        return Response(self.shown(pk))

    @step("end", takes=deployments.end_deployment, body=Ending)
    def end(self, deployment: Deployment, *, by: Principal, now: datetime, on: date) -> None:
        """End a deployment on a day up to today."""
        deployments.end_deployment(deployment, on=on, by=by, now=now)

    @part("controls", shows=control_statuses.HoldingOut, many=True)
    def controls(self, deployment: Deployment, *, now: datetime) -> Any:
        """Return what holds of controls for the deployment; of all others nothing is known."""
        return control_statuses.holding_for(deployment.server_id, now=now, deployment=deployment)
