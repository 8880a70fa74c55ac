"""Risk acceptances: asked for where the finding or server is, decided here."""

from datetime import datetime

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from accounts.principals import Principal
from api.fields import Body, Note, OptionalNote, Reason, Text
from api.v1 import refs
from api.v1.field_history import WithFieldHistory
from api.v1.refs import Out
from api.views import Noun, step
from findings import acceptance as steps
from findings.lists import ACCEPTANCES, AcceptanceFilters
from findings.models import RiskAcceptance


class AcceptanceOut(Out):
    """A decision to live with a finding, or with a server's low score, until a day."""

    ref = serializers.CharField()
    unit = refs.UnitRef()
    finding = refs.FindingRef()
    server = refs.ServerRef()
    requested_by = refs.PersonRef()
    decided_by = refs.PersonRef()
    revoked_by = refs.PersonRef()

    class Meta:
        model = RiskAcceptance
        fields = (
            "id", "ref", "unit", "finding", "server", "status", "reason", "compensating_control", "expires_on",
            "residual_at_request", "requested_by", "requested_at", "decided_by", "decided_at", "decision_note",
            "revoked_by", "revoked_at", "expiry_recorded_at",
        )  # fmt: skip


class AcceptanceBody(Body):
    """Why the risk is lived with, what makes it bearable, and until when."""

    reason = Text()
    compensating_control = Text()
    expires_on = serializers.DateField()


class Acceptances(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[RiskAcceptance]):
    """Risk acceptances; whether one counts today is asked of `status` and `expires_on` together."""

    serializer_class = AcceptanceOut
    filterset_class = AcceptanceFilters
    orderings = ACCEPTANCES.orderings("-number")

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
