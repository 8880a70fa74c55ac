"""Inventories: what releases are built from."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request

from accounts.principals import Principal
from api.described import described
from api.fields import Reason
from api.filters import refuse_parameters
from api.v1 import downloads, refs
from api.v1.refs import Out
from api.v1.reports import BlobOut
from api.views import Noun, step
from composition import taking
from composition.lists import INVENTORIES
from composition.models import Inventory


class InventoryOut(Out):
    """What a release is built from, as one document says it; `document` are its bytes as they came.

    `unknown_count` of its components cannot be compared with advisories: what hits these is unknown, and never nothing.
    """

    server = refs.ServerRef()
    release = refs.ReleaseRef()
    document = BlobOut()
    given_by = refs.PersonRef()

    class Meta:
        model = Inventory
        fields = (
            "id", "ref", "server", "release", "scope", "status", "form", "subject", "document", "file_name", "remarks",
            "components_count", "unknown_count", "given_by", "taken_at", "ended_at", "end_reason", "superseded_by",
        )  # fmt: skip


class Inventories(ListModelMixin, RetrieveModelMixin, Noun[Inventory]):
    """Inventories of releases."""

    serializer_class = InventoryOut
    of, orders = INVENTORIES, ("-taken_at",)

    def get_queryset(self) -> "QuerySet[Inventory]":
        """Return the inventories that the caller may see."""
        seen = Inventory.objects.visible_to(self.person)
        return seen.select_related("server", "release", "given_by", "document")

    @described(responses={(200, "*/*"): OpenApiTypes.BINARY})
    @action(
        detail=True, methods=["get"], url_path="document", url_name="document", pagination_class=None,
        filter_backends=(),
    )  # fmt: skip
    def document(self, request: Request, pk: Any) -> Any:
        """Download the document as it came."""
        refuse_parameters(request)
        row = self.get_object()
        return downloads.blob(row.document, name=row.file_name, media_type="application/octet-stream")

    @step("withdraw", takes=taking.withdraw, body=Reason)
    def withdraw(self, inventory: Inventory, *, by: Principal, now: datetime, reason: str) -> None:
        """Say that it is a wrong one: what it alone showed is not seen any more."""
        taking.withdraw(inventory, reason=reason, by=by, now=now)
