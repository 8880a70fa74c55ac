"""The field history of an object, at the same part of every noun whose card keeps one."""

from typing import Any, cast

from auditlog.models import LogEntry
from django.db.models import Model
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access
from api.description.described import described
from api.fields import Choice, Moment
from api.filters import PAGING, refuse_unknown
from audit import field_history
from riskregister import nouns
from riskregister.lists import List


class ChangeOut(serializers.Serializer[Any]):
    """A field with its values as text; null where it had none, "(hidden)" where they are secrets."""

    field = serializers.CharField()
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)


class EntryOut(serializers.Serializer[Any]):
    """What somebody changed in the object, or in a part of it, at one moment."""

    id = serializers.IntegerField()
    at = Moment()
    actor_kind = serializers.CharField()
    actor = serializers.CharField()
    action = Choice(choices=["created", "updated", "deleted"])
    object_type = serializers.CharField(help_text="e.g. findings.milestone")
    object_id = serializers.CharField()
    object_label = serializers.CharField()
    correlation_id = serializers.CharField(allow_null=True, help_text="of the events of the same occasion")
    changes = ChangeOut(many=True)


# Of one object, whoever may see it: the address says which.
CHANGES = List(word="changes", rows=lambda _user: LogEntry.objects.none(), sorts={"at": "timestamp id"}, default="-at")


class WithFieldHistory:
    """Adds `GET …/{id}/history/` to the endpoints of a noun."""

    @described(responses=EntryOut(many=True))
    @action(
        detail=True, methods=["get"], url_path="history", url_name="history", filter_backends=(),
        of=CHANGES, orders=("-at",),
    )  # fmt: skip
    def history(self: Any, request: Request, pk: Any) -> Response:
        """Show which fields of it and of its parts changed, when, by whom, and from what to what."""
        refuse_unknown(request, known=PAGING)
        row: Model = get_object_or_404(self.get_queryset().prefetch_related(None), pk=pk)
        if nouns.card(row).is_administrative and not access.of(self.person).reads_administration:
            raise access.NotPermitted("What happened to people, units and tokens is for administrators and auditors.")
        entries = field_history.shown_to(self.person, row)
        page = self.paginator.read(entries, request, self, shown=entries)
        shown = EntryOut(field_history.read(page), many=True).data
        return cast(Response, self.get_paginated_response(shown))
