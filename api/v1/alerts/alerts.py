"""The caller's inbox."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.principals import Principal
from alerts import inbox
from alerts.lists import ALERTS
from alerts.models import Alert
from api.description.described import described
from api.fields import Nothing
from api.steps import takes
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step


class AlertOut(Out):
    """An event that you must know of, and why you."""

    class Meta:
        model = Alert
        fields = (
            "id", "event_id", "title", "body", "why", "is_action", "object_type", "object_id", "created_at", "read_at",
            "pace", "settled_at", "settled_by",
        )  # fmt: skip


class ReadAll(serializers.Serializer[Any]):
    """How many alerts were new."""

    read = serializers.IntegerField()


class Alerts(ListModelMixin, RetrieveModelMixin, Noun[Alert]):
    """Your inbox; nobody else's can be read."""

    serializer_class = AlertOut
    of, orders = ALERTS, ("-created_at",)

    def get_queryset(self) -> "QuerySet[Alert]":
        """Return the caller's alerts."""
        return Alert.objects.visible_to(self.person)

    @step("read", takes=inbox.mark_read)
    def read(self, alert: Alert, *, by: Principal, now: datetime) -> None:
        """Mark an alert as read."""
        inbox.mark_read(alert, by=by, now=now)

    @takes(inbox.mark_all_read)
    @described(request=Nothing, responses=ReadAll)
    @action(detail=False, methods=["post"], url_path="read-all", url_name="read-all")
    def read_all(self, request: Request) -> Response:
        """Mark everything in your inbox as read."""
        self.body(Nothing)
        return Response({"read": inbox.mark_all_read(by=self.by, now=timezone.now())})
