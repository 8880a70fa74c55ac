"""Policies: whether a unit's gateways block what is not approved; and what was denied."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Unit
from accounts.principals import Principal
from api.fields import Body, Known, Text
from api.steps import takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step
from containment import policies
from containment.lists import DENIALS, POLICIES
from containment.models import Denial, Policy


class PolicyOut(Out):
    """A policy, and why it is as it is."""

    unit = refs.UnitRef()
    moved_by = refs.PersonRef()

    class Meta:
        model = Policy
        fields = ("id", "ref", "unit", "name", "status", "reason", "moved_by", "moved_at")


class PolicyBody(Body):
    """Of which unit, what it is called, and why there is one."""

    unit = Known(Unit)
    name = Text(max_length=120)
    reason = Text()


class Why(Body):
    """Why it is moved."""

    reason = Text()


class DenialOut(Out):
    """Calls denied on a day for one reason; `was_blocked` is false while the policy only observed."""

    unit = refs.UnitRef()
    server = refs.ServerRef()

    class Meta:
        model = Denial
        fields = (
            "id", "unit", "server", "named", "method", "tool", "reason", "was_blocked", "agent", "on", "times",
            "first_at", "last_at",
        )  # fmt: skip


class Policies(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Policy]):
    """Policies of units."""

    serializer_class, body_class = PolicyOut, PolicyBody
    of, orders = POLICIES, ("-number",)

    def get_queryset(self) -> "QuerySet[Policy]":
        """Return the policies that the caller may see."""
        return Policy.objects.visible_to(self.person).select_related("unit", "moved_by")

    @takes(policies.write)
    def create(self, request: Request) -> Response:
        """Write the policy of a unit that has none; it observes at first."""
        return self.made(policies.write(**self.body(PolicyBody), by=self.by, now=timezone.now()))

    @step("enforce", takes=policies.enforce, body=Why)
    def enforce(self, policy: Policy, *, by: Principal, now: datetime, **data: Any) -> None:
        """Block from now on what is not approved."""
        policies.enforce(policy, by=by, now=now, **data)

    @step("observe", takes=policies.observe, body=Why)
    def observe(self, policy: Policy, *, by: Principal, now: datetime, **data: Any) -> None:
        """Block nothing any more, and count what would have been."""
        policies.observe(policy, by=by, now=now, **data)

    @step("retire", takes=policies.retire, body=Why)
    def retire(self, policy: Policy, *, by: Principal, now: datetime, **data: Any) -> None:
        """End it; a unit without a policy is answered as if one were enforced."""
        policies.retire(policy, by=by, now=now, **data)


class Denials(ListModelMixin, RetrieveModelMixin, Noun[Denial]):
    """What was denied, or would have been."""

    serializer_class = DenialOut
    of, orders = DENIALS, ("-last_at",)

    def get_queryset(self) -> "QuerySet[Denial]":
        """Return the denials that the caller may see."""
        return Denial.objects.visible_to(self.person).select_related("unit", "server")
