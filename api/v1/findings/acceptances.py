"""Risk acceptances: asked for where the finding or server is, decided here."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from accounts.principals import Principal
from api.fields import Body, Choice, Note, OptionalNote, Reason, Text
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step
from findings import acceptance as steps
from findings.lists import ACCEPTANCES
from findings.models import RiskAcceptance
from riskregister import looks


class AcceptanceOut(Out):
    """A decision to live with a finding, or with a server's low score, until a day."""

    ref = serializers.CharField()
    unit = refs.UnitRef()
    finding = refs.FindingRef()
    server = refs.ServerRef()
    requested_by = refs.PersonRef()
    decided_by = refs.PersonRef()
    revoked_by = refs.PersonRef()
    state = serializers.SerializerMethodField()

    class Meta:
        model = RiskAcceptance
        fields = (
            "id", "ref", "unit", "finding", "server", "status", "state", "reason", "compensating_control", "expires_on",
            "residual_at_request", "requested_by", "requested_at", "decided_by", "decided_at", "decision_note",
            "revoked_by", "revoked_at", "expiry_recorded_at",
        )  # fmt: skip

    @extend_schema_field(
        Choice(choices=[word for word in looks.kinds()["acceptance"] if word != RiskAcceptance.Status.GRANTED])
    )
    def get_state(self, acceptance: RiskAcceptance) -> str:
        """Return how it stands today, by the clock."""
        return acceptance.state(today=timezone.localdate())


class AcceptanceBody(Body):
    """Why the risk is lived with, what makes it bearable, and until when."""

    reason = Text()
    compensating_control = Text()
    expires_on = serializers.DateField()


class Acceptances(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[RiskAcceptance]):
    """Risk acceptances; `state` says whether one counts today, `status` what people last did."""

    serializer_class = AcceptanceOut
    of, orders = ACCEPTANCES, ("-number", "expires_on")

    def get_queryset(self) -> "QuerySet[RiskAcceptance]":
        """Return the acceptances that the caller may see."""
        seen = RiskAcceptance.objects.visible_to(self.person)
        near = seen.select_related("unit", "finding", "server", "requested_by", "decided_by", "revoked_by")
        return near if self.action == "list" else near.select_related("finding__server", "finding__vendor")

    @step("grant", takes=steps.grant, body=OptionalNote)
    def grant(self, acceptance: RiskAcceptance, *, by: Principal, now: datetime, note: str = "") -> None:
        """Accept a risk that somebody else asked to accept."""
        steps.grant(acceptance, note=note, by=by, now=now)

    @step("refuse", takes=steps.refuse, body=Note)
    def refuse(self, acceptance: RiskAcceptance, *, by: Principal, now: datetime, note: str) -> None:
        """Refuse to accept a risk that somebody else asked to accept."""
        steps.refuse(acceptance, note=note, by=by, now=now)

    @step("revoke", takes=steps.revoke, body=Reason)
    def revoke(self, acceptance: RiskAcceptance, *, by: Principal, now: datetime, reason: str) -> None:
        """End an acceptance before its day; its finding is open again."""
        steps.revoke(acceptance, reason=reason, by=by, now=now)
