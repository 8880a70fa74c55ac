"""Who the caller is, and what they may do."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access
from api.auth import scopes_of
from api.description.described import described
from api.fields import Choice
from api.filters import refuse_parameters
from api.v1.accounts.people import MembershipOut, PersonRow
from api.views import Door


class MembershipInForce(MembershipOut):
    """A role that you have today."""


class Me(serializers.Serializer[Any]):
    """You, your roles of today, what they allow somewhere, and what your token may be used for."""

    person = PersonRow()
    memberships = MembershipInForce(many=True)
    capabilities: Any = serializers.ListField(child=Choice(choices=access.Capability.choices))
    scopes: Any = serializers.ListField(child=Choice(choices=access.Capability.choices))


class MeView(Door):
    """The caller."""

    @described(responses=Me)
    def get(self, request: Request) -> Response:
        """Return who you are and what you may do."""
        refuse_parameters(request)
        held = access.of(self.person)
        data = {
            "person": self.person,
            "memberships": self.person.memberships.in_force(on=timezone.localdate()).select_related("unit"),
            "capabilities": [one.value for one in access.Capability if held.units_for(one) != []],
            "scopes": sorted(scopes_of(request)),
        }
        return Response(Me(data).data)
