"""Overrides: a residual risk set by hand for a while, asked for by a manager and decided by somebody else."""

from datetime import datetime

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from accounts.principals import Principal
from api.fields import Body, Choice, Note, Reason, Text
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step
from decisions.lists import OVERRIDES
from decisions.models import RatingOverride
from decisions.ratings import overriding
from scoring.scales import Residual

_CHOICES = [(word.value, word.value.capitalize()) for word in Residual if word is not Residual.NOT_ASSESSED]


class OverrideOut(Out):
    """An override; `computed` is what the method says."""

    server = refs.ServerRef()
    unit = refs.UnitRef()
    requested_by = refs.PersonRef()
    decided_by = refs.PersonRef()

    class Meta:
        model = RatingOverride
        fields = (
            "id", "unit", "server", "residual", "computed", "reason", "status", "expires_on", "requested_by",
            "requested_at", "decided_by", "decided_at", "decision_note",
        )  # fmt: skip


class OverrideBody(Body):
    """Which residual risk is shown instead, why, and until when."""

    residual = Choice(choices=_CHOICES)
    reason = Text()
    expires_on = serializers.DateField()


class Overrides(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[RatingOverride]):
    """Residual risks set by hand; the computed value stays in sight."""

    serializer_class = OverrideOut
    of, orders = OVERRIDES, ("-id",)

    def get_queryset(self) -> "QuerySet[RatingOverride]":
        """Return the overrides of the units in which the caller has a role."""
        seen = RatingOverride.objects.visible_to(self.person)
        return seen.select_related("unit", "server", "requested_by", "decided_by")

    @step("grant", takes=overriding.grant, body=Note)
    def grant(self, override: RatingOverride, *, by: Principal, now: datetime, note: str) -> None:
        """Grant an override that somebody else asked for."""
        overriding.grant(override, note=note, by=by, now=now)

    @step("refuse", takes=overriding.refuse, body=Note)
    def refuse(self, override: RatingOverride, *, by: Principal, now: datetime, note: str) -> None:
        """Refuse an override that somebody else asked for."""
        overriding.refuse(override, note=note, by=by, now=now)

    @step("revoke", takes=overriding.revoke, body=Reason)
    def revoke(self, override: RatingOverride, *, by: Principal, now: datetime, reason: str) -> None:
        """End an override before its day."""
        overriding.revoke(override, reason=reason, by=by, now=now)
