"""Tests of whether clients obey: which client and version, with what, how, and what came of it."""

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Unit
from api.fields import Body, Choice, Known, Text
from api.steps import takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun
from containment import enforcement
from containment.lists import ENFORCEMENT_TESTS
from containment.models import EnforcementTest


class EnforcementTestOut(Out):
    """That a client was tried, and what came of it."""

    unit = refs.UnitRef()
    tried_by = refs.PersonRef()

    class Meta:
        model = EnforcementTest
        fields = (
            "id", "ref", "unit", "client", "version", "control", "how", "result", "tried_on", "tried_by", "recorded_at",
        )  # fmt: skip


class EnforcementTestBody(Body):
    """What was tried, with which client, on which day, and what came of it."""

    unit = Known(Unit)
    client = Text(max_length=120)
    version = Text(max_length=60)
    control = Choice(choices=EnforcementTest.Control.choices)
    how = Text()
    result = Choice(choices=EnforcementTest.Result.choices)
    tried_on = serializers.DateField()


class EnforcementTests(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[EnforcementTest]):
    """Tests of whether clients obey."""

    serializer_class, body_class = EnforcementTestOut, EnforcementTestBody
    of, orders = ENFORCEMENT_TESTS, ("-number", "-tried_on")

    def get_queryset(self) -> "QuerySet[EnforcementTest]":
        """Return the tests that the caller may see."""
        return EnforcementTest.objects.visible_to(self.person).select_related("unit", "tried_by")

    @takes(enforcement.record)
    def create(self, request: Request) -> Response:
        """Put a test on record; what does not hold is told to managers and approvers."""
        return self.made(enforcement.record(**self.body(EnforcementTestBody), by=self.by, now=timezone.now()))
