"""Inventories: what releases are built from, what they list, and what differs between two."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.principals import Principal
from api.description.described import described
from api.fields import Body, Choice, Known, Reason, Text
from api.filters import refuse_parameters
from api.parsers import JSONParser
from api.steps import takes
from api.v1.endpoint_parts import downloads, refs
from api.v1.endpoint_parts.refs import Out
from api.v1.proof.reports import BlobOut
from api.views import Noun, step
from composition import knowledge
from composition.documents import writing
from composition.inventories import differences, incoming, records, taking
from composition.lists import COMPONENTS, INVENTORIES
from composition.models import Component, Inventory
from riskregister.refusals import Refused
from scoring.scales import Severity
from vendors.models import Release, Server


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


class InventoryRef(Out):
    """An inventory."""

    ref = serializers.CharField()

    class Meta:
        model = Inventory
        fields = ("id", "ref", "scope", "status")


class InventoryBody(Body):
    """An SBOM or a lock file of a release; where only the server is named, of the release that is relied on."""

    file = serializers.FileField(max_length=200)
    server = Known(Server, required=False)
    release = Known(Release, required=False)
    scope = Text(required=False, help_text="which part of the release it describes; unless said, the file's name")
    other_package = serializers.BooleanField(
        default=False, help_text="it is the right document, although it says that it is of another package"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what names neither, or a release of another server."""
        server, release = attrs.pop("server", None), attrs.get("release")
        if release is None and server is None:
            raise serializers.ValidationError({"release": "Name a release, or a server."})
        if release is None:
            attrs["release"] = Release.objects.relied_on(server)
        elif server is not None and release.server_id != server.pk:
            raise serializers.ValidationError({"release": "It is a release of another server."})
        return attrs


class HittingOut(serializers.Serializer[Any]):
    """A vulnerability that hits the version, or may, and why; `fixed_in` is the lowest version above free of it."""

    key = serializers.CharField(read_only=True)
    severity = serializers.SerializerMethodField()
    outcome = serializers.CharField(read_only=True)
    why = serializers.CharField(read_only=True)
    fixed_in = serializers.CharField(read_only=True)

    @extend_schema_field(Choice(choices=Severity.words(), allow_null=True))
    def get_severity(self, one: knowledge.Hitting) -> str | None:
        """Return its word, null where no advisory says one."""
        return one.word


class ComponentOut(Out):
    """One component that an inventory lists. `known` is what is known of it today: unknown is never clean.

    `path` are the packages from what the server needs itself down to it; `is_direct` is null where nobody says.
    """

    inventory = InventoryRef()
    server = refs.ServerRef(source="inventory.server")
    release = refs.ReleaseRef(source="inventory.release")
    ecosystem = serializers.CharField(source="package_version.ecosystem")
    name = serializers.CharField(source="package_version.name")
    version = serializers.CharField(source="package_version.version")
    purl = serializers.CharField(source="package_version.purl")
    known = Choice(choices=knowledge.Known.choices)
    why = serializers.SerializerMethodField()
    hitting = serializers.SerializerMethodField()

    class Meta:
        model = Component
        fields = (
            "id", "server", "release", "inventory", "ref", "ecosystem", "name", "version", "purl", "known", "why",
            "hitting", "is_direct", "is_development", "path", "licences", "digests",
        )  # fmt: skip

    def get_why(self, row: Component) -> str:
        """Return in words what hits it, or why nothing is known."""
        return knowledge.why(row)

    @extend_schema_field(HittingOut(many=True))
    def get_hitting(self, row: Component) -> Any:
        """Return what hits it, each vulnerability once."""
        return HittingOut(knowledge.hitting(row), many=True).data


class ListedPackageOut(serializers.Serializer[Any]):
    """A package that is in one of two inventories alone."""

    ecosystem = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    version = serializers.CharField(read_only=True)
    licences = serializers.ListField(child=serializers.CharField(), read_only=True)


class ChangedPackageOut(serializers.Serializer[Any]):
    """A package that is in both, in other versions or under other licences."""

    ecosystem = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    before = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="versions")
    after = serializers.ListField(child=serializers.CharField(), read_only=True)
    licences_before = serializers.ListField(child=serializers.CharField(), read_only=True)
    licences_after = serializers.ListField(child=serializers.CharField(), read_only=True)


class InventoryChanges(serializers.Serializer[Any]):
    """What differs between two inventories; `same` packages do not."""

    added = ListedPackageOut(many=True, read_only=True)
    removed = ListedPackageOut(many=True, read_only=True)
    changed = ChangedPackageOut(many=True, read_only=True)
    same = serializers.IntegerField(read_only=True)


class Inventories(ListModelMixin, RetrieveModelMixin, Noun[Inventory]):
    """Inventories of releases."""

    serializer_class, body_class = InventoryOut, InventoryBody
    parser_classes = (MultiPartParser,)
    of, orders = INVENTORIES, ("-taken_at",)

    def get_queryset(self) -> "QuerySet[Inventory]":
        """Return the inventories that the caller may see."""
        seen = Inventory.objects.visible_to(self.person)
        return seen.select_related("server", "release", "given_by", "document")

    @takes(taking.take)
    @described(request={"multipart/form-data": InventoryBody})
    def create(self, request: Request) -> Response:
        """Take in a document, sent as multipart/form-data; the same again is the same inventory."""
        data = self.body(InventoryBody)
        release: Release | None = data["release"]
        if release is None:
            raise Refused("The server has no release yet. Record one first.", field="server")
        given = incoming.read(data["file"])
        made = taking.take(
            release, given.listing, given.document, file_name=given.file_name, scope=data.get("scope", ""),
            other_package=data["other_package"], by=self.by, now=timezone.now(),
        )  # fmt: skip
        return self.made(made)

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

    @described(responses={(200, "application/json"): OpenApiTypes.ANY, 422: None})
    @action(
        detail=True, methods=["get"], url_path="export/<str:form>", url_name="export", pagination_class=None,
        filter_backends=(),
    )  # fmt: skip
    def export(self, request: Request, pk: Any, form: str) -> Response:
        """Return what it lists, the same each time, as `cyclonedx` (1.6), `spdx` (2.3) or `spdx3` (3.0)."""
        refuse_parameters(request)
        row = self.get_object()
        if form not in writing.FORMS:
            raise Http404
        return Response(records.written(row, form=form)[1])

    @described(responses=InventoryChanges)
    @action(
        detail=True, methods=["get"], url_path="changes/<uuid:against>", url_name="changes", pagination_class=None,
        filter_backends=(),
    )  # fmt: skip
    def differing(self, request: Request, pk: Any, against: UUID) -> Response:
        """Return what differs from another inventory, which came before."""
        refuse_parameters(request)
        row, before = self.get_object(), get_object_or_404(self.get_queryset(), pk=against)
        found = differences.between(records.listing_of(before), records.listing_of(row))
        return Response(InventoryChanges(found).data)

    @step("withdraw", takes=taking.withdraw, body=Reason, parser_classes=(JSONParser,))
    def withdraw(self, inventory: Inventory, *, by: Principal, now: datetime, reason: str) -> None:
        """Say that it is a wrong one: what it alone showed is not seen any more."""
        taking.withdraw(inventory, reason=reason, by=by, now=now)


class Components(ListModelMixin, RetrieveModelMixin, Noun[Component]):
    """What inventories list, across servers."""

    serializer_class = ComponentOut
    of, orders = COMPONENTS, ("-added",)
    # What describes the API asks which model it is of, without a database.
    queryset = Component.objects.none()

    def get_queryset(self) -> "QuerySet[Component]":
        """Return the components that the caller may see, with what is known of each."""
        seen = Component.objects.visible_to(self.person).select_related("inventory__server", "inventory__release")
        return knowledge.with_advisories(knowledge.with_known(seen))
