"""The caller's own times: quiet hours, and who is told in their stead."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from alerts.models import Deputy, QuietHours
from alerts.recipients import personal
from api.description.described import described
from api.fields import Body, Flag, Known
from api.filters import refuse_parameters
from api.steps import takes
from api.v1.endpoint_parts import refs
from api.views import Door


class QuietHoursOut(serializers.Serializer[Any]):
    """From when to when, in the organisation's zone, no mail comes but of what is critical; null: at no hours."""

    begins = serializers.TimeField(allow_null=True)
    ends = serializers.TimeField(allow_null=True)
    weekends = serializers.BooleanField()


class QuietHoursBody(Body):
    """Both ends, or null for none; with `weekends` all of Saturday and Sunday too."""

    begins = serializers.TimeField(allow_null=True, required=False, default=None)
    ends = serializers.TimeField(allow_null=True, required=False, default=None)
    weekends = Flag(required=False, default=False)


class DeputyOut(serializers.Serializer[Any]):
    """Who is told what you are told, beside you, between two days; null: nobody."""

    deputy = refs.PersonRef(allow_null=True)
    first_on = serializers.DateField(allow_null=True)
    last_on = serializers.DateField(allow_null=True)


class DeputyBody(Body):
    """A colleague with the first and the last day, or null for nobody."""

    deputy = Known(User, allow_null=True, required=False, default=None)
    first_on = serializers.DateField(allow_null=True, required=False, default=None)
    last_on = serializers.DateField(allow_null=True, required=False, default=None)


class QuietHoursView(Door):
    """The caller's quiet hours."""

    @described(responses=QuietHoursOut)
    def get(self, request: Request) -> Response:
        """Return your quiet hours."""
        refuse_parameters(request)
        return self._shown()

    @takes(personal.set_quiet_hours)
    @described(request=QuietHoursBody, responses=QuietHoursOut)
    def patch(self, request: Request) -> Response:
        """Set them; what you leave out is none."""
        data = self.body(QuietHoursBody)
        personal.set_quiet_hours(self.person, **data, by=self.by, now=timezone.now())
        return self._shown()

    def _shown(self) -> Response:
        row = QuietHours.objects.filter(person=self.person).first()
        return Response(QuietHoursOut(row or {"begins": None, "ends": None, "weekends": False}).data)


class DeputyView(Door):
    """Who stands in for the caller."""

    @described(responses=DeputyOut)
    def get(self, request: Request) -> Response:
        """Return who stands in for you."""
        refuse_parameters(request)
        return self._shown()

    @takes(personal.name_deputy)
    @described(request=DeputyBody, responses=DeputyOut)
    def patch(self, request: Request) -> Response:
        """Name somebody; what you leave out is none."""
        personal.name_deputy(self.person, **self.body(DeputyBody), by=self.by, now=timezone.now())
        return self._shown()

    def _shown(self) -> Response:
        row = Deputy.objects.filter(person=self.person).select_related("deputy").first()
        return Response(DeputyOut(row or {"deputy": None, "first_on": None, "last_on": None}).data)
