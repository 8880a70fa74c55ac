"""Statuses of controls: what is stated for the organisation, a shared service, a server or a deployment, and holds."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.principals import Principal
from api.fields import Body, Choice, Known, Reason, Text, Whole
from api.steps import takes
from api.v1.controls.frameworks import OfControl
from api.v1.controls.questions import ControlRef
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step
from catalogue.models import Control
from controls import statuses
from controls.in_place import reading
from controls.in_place.effective import Effective, Statement
from controls.lists import CONTROL_STATUSES
from controls.models import ControlStatus, Word
from evidence.models import Evidence
from landscape.models import SharedService
from vendors.models import Deployment, Server


class ControlStatusOut(Out):
    """What is stated of a control; without service, server and deployment it is stated for the whole organisation."""

    control = ControlRef()
    unit = refs.UnitRef()
    service = refs.SharedServiceRef()
    server = refs.ServerRef()
    deployment = refs.DeploymentRef()
    owner = refs.PersonRef()
    evidence = refs.EvidenceRef()
    stated_by = refs.PersonRef()
    is_orphaned = serializers.BooleanField(help_text="its control is in no current revision any more")

    class Meta:
        model = ControlStatus
        fields = (
            "id", "ref", "control", "place", "unit", "service", "server", "deployment", "state", "reason", "note",
            "evidence", "owner", "as_of", "valid_until", "effort_days", "due_on", "is_orphaned", "stated_by",
            "stated_at",
        )  # fmt: skip


class ControlStatusEdit(Body):
    """What is stated; what is left out is empty, and the day today."""

    state = Choice(choices=[one for one in Word.choices if one[0] != Word.NOT_KNOWN])
    reason = Text(required=False, help_text="why it does not apply")
    note = Text(required=False)
    evidence = Known(Evidence, required=False, allow_null=True)
    owner = Known(User, required=False, allow_null=True)
    as_of = serializers.DateField(required=False, allow_null=True)
    valid_until = serializers.DateField(required=False, allow_null=True)
    effort_days = Whole(required=False, allow_null=True, min_value=0, max_value=statuses.LONGEST_EFFORT)
    due_on = serializers.DateField(required=False, allow_null=True)


class ControlStatusBody(OfControl, ControlStatusEdit):
    """The same, of which control and where: a shared service, a server, a deployment, or none of them for the whole
    organisation.
    """

    service = Known(SharedService, required=False)
    server = Known(Server, required=False)
    deployment = Known(Deployment, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a body that names several places."""
        named = [name for name in ("service", "server", "deployment") if name in attrs]
        if len(named) > 1:
            raise serializers.ValidationError({named[-1]: "Name one of a service, a server and a deployment."})
        return attrs


class ControlStatementOut(serializers.Serializer[Statement]):
    """One statement: for what, which status, `found_by` which source (empty: a person), and what it is called.

    `service` names the shared service that it is inherited from, with why that does not hold in full where it does not.
    """

    place = serializers.CharField()
    status = serializers.CharField()
    found_by = serializers.CharField(source="source")
    origin = serializers.CharField()
    service = serializers.CharField()
    valid_until = serializers.DateField(allow_null=True)


class HoldingOut(serializers.Serializer[Any]):
    """What holds of a control in one place: of all others nothing is known.

    `basis` is where it comes from, `contradicted_by` are sources that find it missing, `lapsed` is a statement whose
    last day has passed. It `counts` as fulfilled where it is in place and contradicted by nothing, or not applicable.
    """

    control = ControlRef()
    status = Choice(choices=Word.choices)
    basis = ControlStatementOut(allow_null=True)
    contradicted_by = ControlStatementOut(many=True)
    lapsed = ControlStatementOut(allow_null=True)
    counts = serializers.BooleanField()


def holding_for(server: UUID, *, now: datetime, deployment: Deployment | None = None) -> list[Mapping[str, Any]]:
    """Return what holds of the controls of current frameworks of which something is said of a server or deployment."""
    today: date = timezone.localdate(now)
    loaded = reading.load_servers(Server.objects.filter(pk=server), today=today)
    words = loaded.words(server, deployment=deployment.pk if deployment else None)
    rows = Control.objects.filter(pk__in=words, framework__status="current").select_related("framework")
    return [_holding(row, words[row.pk]) for row in rows.order_by("framework__title", "position", "ref")]


def _holding(control: Control, holds: Effective) -> Mapping[str, Any]:
    names = ("status", "basis", "contradicted_by", "lapsed", "counts")
    return {"control": control, **{name: getattr(holds, name) for name in names}}


class ControlStatuses(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[ControlStatus]):
    """What people state of controls."""

    serializer_class, body_class = ControlStatusOut, ControlStatusBody
    of, orders = CONTROL_STATUSES, ("-number", "as_of", "due_on", "valid_until")

    def get_queryset(self) -> "QuerySet[ControlStatus]":
        """Return the statuses that the caller may see."""
        rows = ControlStatus.objects.visible_to(self.person).with_names()
        return rows.select_related("evidence").prefetch_related("unit", "stated_by")

    @takes(
        statuses.state_for_service,
        statuses.state_for_server,
        statuses.state_for_deployment,
        statuses.state_for_organisation,
    )
    def create(self, request: Request) -> Response:
        """State what holds of a control that nobody has stated anything of there."""
        data = self.body(ControlStatusBody)
        service, server, deployment = (data.pop(name, None) for name in ("service", "server", "deployment"))
        how: dict[str, Any] = {"by": self.by, "now": timezone.now(), **data}
        if service is not None:
            return self.made(statuses.state_for_service(service, **how))
        if deployment is not None:
            return self.made(statuses.state_for_deployment(deployment, **how))
        if server is not None:
            return self.made(statuses.state_for_server(server, **how))
        return self.made(statuses.state_for_organisation(**how))

    @step("restate", takes=statuses.restate, body=ControlStatusEdit)
    def restate(
        self, control_status: ControlStatus, *, by: Principal, now: datetime, version: str | None, **data: Any
    ) -> None:
        """State it anew; what is left out is empty."""
        statuses.restate.over(version)(control_status, by=by, now=now, **data)

    @step("withdraw", takes=statuses.withdraw, body=Reason)
    def withdraw(self, control_status: ControlStatus, *, by: Principal, now: datetime, reason: str) -> None:
        """Take it back: nothing is known of the control here any more, but what is stated more generally."""
        statuses.withdraw(control_status, reason=reason, by=by, now=now)
