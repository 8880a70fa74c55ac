"""Current ratings of servers, and how they came to change."""

import json
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin

from api.fields import Choice, Moment
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.refs import Out
from api.v1.endpoint_parts.scores import CapOut
from api.views import Noun, part
from assessments import suppliers
from assessments.suppliers import Standing, Supplier, Suppliers
from decisions.lists import RATINGS
from decisions.models import RatingRecord, ServerRating


class RatingShort(Out):
    """A server's rating, as far as a list needs it."""

    class Meta:
        model = ServerRating
        fields = (
            "residual", "residual_computed", "band", "score_percent", "next_review_on", "approved_until",
            "worse_since", "as_of",
        )  # fmt: skip


class RatingOut(RatingShort):
    """A server's current rating; `score` is the exact fraction, `score_percent` rounded for reading."""

    server = refs.ServerRef()
    assessment = refs.AssessmentRef()
    caps = CapOut(many=True)

    class Meta:
        model = ServerRating
        fields = (
            "server", "assessment", *RatingShort.Meta.fields, "score", "coverage", "confidence", "dimensions", "caps",
        )  # fmt: skip


class RatingChange(serializers.Serializer[Any]):
    """One change of a rating; `rating` is the whole of it as it was then."""

    id = serializers.UUIDField()
    at = Moment()
    reason = serializers.CharField()
    score = serializers.CharField(allow_blank=True)
    score_percent = serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True)
    band = serializers.CharField(allow_blank=True)
    residual = serializers.CharField()
    rating = serializers.JSONField()


class SupplierOut(serializers.Serializer[Supplier]):
    """Somebody behind a server: as what, and whether they were assessed themselves."""

    vendor = refs.VendorRef()
    roles: Any = serializers.ListField(child=serializers.CharField(), help_text='e.g. "Publisher"')
    standing = Choice(choices=[one.value for one in Standing], source="judgement.standing")
    assessment = refs.AssessmentRef(source="judgement.assessment", allow_null=True)
    due_on = serializers.DateField(
        source="judgement.due_on", allow_null=True, help_text="by when to assess it again; null: it never was"
    )


class SuppliersOut(serializers.Serializer[Suppliers]):
    """Who stands behind a server, and as sentences what is not known of them; `all_judged` only where nothing is."""

    all_judged = serializers.BooleanField()
    is_cut = serializers.BooleanField(help_text="there are further sub-processors behind these")
    gaps: Any = serializers.ListField(child=serializers.CharField())
    suppliers = SupplierOut(source="every", many=True)


class Ratings(ListModelMixin, RetrieveModelMixin, Noun[ServerRating]):
    """The current rating of each server; its id is the server's."""

    serializer_class, row_class = RatingOut, RatingOut
    of, orders = RATINGS, ("risk",)

    def get_queryset(self) -> "QuerySet[ServerRating]":
        """Return the ratings of the servers that the caller may see."""
        return ServerRating.objects.visible_to(self.person).select_related("server", "assessment")

    @part("suppliers", shows=SuppliersOut)
    def suppliers(self, rating: ServerRating, *, now: datetime) -> Suppliers:
        """Return who stands behind the server and which of them nobody assessed, or too long ago."""
        return suppliers.behind(rating.server, today=timezone.localdate(now))

    @part("history", shows=RatingChange, many=True)
    def history(self, rating: ServerRating, *, now: datetime) -> list[dict[str, Any]]:
        """Return the last hundred changes of the rating, the newest first."""
        changes = RatingRecord.objects.filter(server=rating.server_id).order_by("-at", "-id")[:100]
        return [_change(row) for row in changes]


def _change(row: RatingRecord) -> dict[str, Any]:
    names = ("id", "at", "reason", "score", "score_percent", "band", "residual")
    return {name: getattr(row, name) for name in names} | {"rating": json.loads(row.body)}
