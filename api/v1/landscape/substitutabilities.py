"""How easily servers and vendors could be replaced."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import Body, Choice, Known, Text
from api.steps import takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun
from landscape import replacing
from landscape.lists import SUBSTITUTABILITIES
from landscape.models import Substitutability
from vendors.models import Server, Vendor


class SubstitutabilityOut(Out):
    """What is said of a server or of a vendor; the other one is null."""

    server = refs.ServerRef()
    vendor = refs.VendorRef()
    judged_by = refs.PersonRef()

    class Meta:
        model = Substitutability
        fields = ("id", "server", "vendor", "level", "reason", "alternatives", "judged_by", "judged_at")


class SubstitutabilityEdit(Body):
    """How easily it could be replaced, why, and which alternatives were looked at."""

    level = Choice(choices=Substitutability.Level.choices)
    reason = Text()
    alternatives = Text(required=False)


class SubstitutabilityBody(SubstitutabilityEdit):
    """The same, of a server or of a vendor."""

    server = Known(Server, required=False)
    vendor = Known(Vendor, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Return the values. Raises ValidationError unless they are about one of the two."""
        if ("server" in attrs) == ("vendor" in attrs):
            raise ValidationError({"server": ["Name a server or a vendor, and not both."]})
        return attrs


class Substitutabilities(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Substitutability]):
    """How easily servers and vendors could be replaced; of what is not listed nobody knows."""

    serializer_class = SubstitutabilityOut
    body_class, edit_class = SubstitutabilityBody, SubstitutabilityEdit
    of, orders = SUBSTITUTABILITIES, ("-judged_at",)

    def get_queryset(self) -> "QuerySet[Substitutability]":
        """Return what is said of what the caller may see."""
        rows = Substitutability.objects.visible_to(self.person)
        return rows.select_related("server", "vendor", "judged_by")

    @takes(replacing.judge)
    def create(self, request: Request) -> Response:
        """Say it of a server or vendor of which nobody has."""
        data = self.body(SubstitutabilityBody)
        subject: Server | Vendor = data.pop("server", None) or data.pop("vendor")
        return self.made(replacing.judge(subject, by=self.by, now=timezone.now(), **data))

    @takes(replacing.rejudge)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Say it anew."""
        row = self.get_object()
        changes, version = self.changes()
        replacing.rejudge.over(version)(row, changes=changes, by=self.by, now=timezone.now())
        return Response(self.shown(pk))
