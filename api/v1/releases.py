"""Releases of servers, with their packages, remotes and tools."""

from datetime import datetime
from typing import Any

import django_filters.rest_framework as filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.principals import Principal
from api.fields import Body, Known, Text
from api.filters import FilterSet
from api.steps import in_body, takes
from api.v1 import refs
from api.v1.field_history import WithFieldHistory
from api.v1.refs import Out
from api.views import Noun, part, step
from vendors import importing, registration
from vendors.models import Package, Release, Remote, Server, Tool


class PackageOut(Out):
    """A package in which a release is distributed."""

    class Meta:
        model = Package
        fields = (
            "id", "registry_type", "identifier", "version", "transport", "transport_url", "runtime_hint", "sha256",
            "integrity", "environment", "headers", "arguments",
        )  # fmt: skip


class RemoteOut(Out):
    """An address at which a release is served."""

    class Meta:
        model = Remote
        fields = ("id", "transport", "url", "headers", "variables")


class ToolOut(Out):
    """A tool as captured; a hint is null where the server declares none."""

    class Meta:
        model = Tool
        fields = (
            "id", "name", "title", "description", "input_schema", "output_schema", "read_only", "destructive",
            "idempotent", "open_world", "digest",
        )  # fmt: skip


class ReleaseRow(Out):
    """A release in a list."""

    server = refs.ServerRef()

    class Meta:
        model = Release
        fields = (
            "id", "server", "version", "revision", "description", "server_json_digest", "manifest_digest",
            "protocol_version", "reported_name", "reported_version", "captured_at", "capture_command", "created_at",
        )  # fmt: skip


class ReleaseOut(ReleaseRow):
    """A release with its packages and remotes."""

    packages = PackageOut(many=True)
    remotes = RemoteOut(many=True)
    tool_count = serializers.SerializerMethodField()

    class Meta:
        model = Release
        fields = (*ReleaseRow.Meta.fields, "instructions", "packages", "remotes", "tool_count")

    def get_tool_count(self, release: Release) -> int:
        """Return how many tools were captured."""
        return release.tools.count()


class ReleaseBody(Body):
    """A release recorded by hand."""

    server = Known(Server)
    version = Text()
    description = Text(required=False)


class PackageDigest(Body):
    """The digest of a package, as its registry gives it."""

    package = serializers.UUIDField()
    integrity = Text(help_text="e.g. sha512-…")


class ReleaseFilter(FilterSet):
    """Which releases."""

    server = filters.UUIDFilter(field_name="server_id")
    version = filters.CharFilter()
    manifest_digest = filters.CharFilter()

    class Meta:
        model = Release
        fields: tuple[str, ...] = ()


class Releases(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Release]):
    """Versions of servers; the one that is approved is the server's pin."""

    serializer_class, row_class, body_class = ReleaseOut, ReleaseRow, ReleaseBody
    filterset_class = ReleaseFilter
    orderings = {"-id": ("-id",), "id": ("id",)}

    def get_queryset(self) -> "QuerySet[Release]":
        """Return the releases of the servers that the caller may see."""
        seen = Release.objects.visible_to(self.person).select_related("server")
        return seen if self.action == "list" else seen.prefetch_related("packages", "remotes")

    @takes(registration.add_release)
    def create(self, request: Request) -> Response:
        """Record a release by hand, without packages and tools."""
        data = self.body(ReleaseBody)
        server: Server = data.pop("server")
        return self.made(registration.add_release(server, data.pop("version"), by=self.by, now=timezone.now(), **data))

    @part("tools", shows=ToolOut, many=True)
    def tools(self, release: Release, *, now: datetime) -> Any:
        """Return the tools that were captured, by name."""
        return release.tools.all()

    @step("record-digest", takes=importing.record_package_digest, given=in_body, body=PackageDigest)
    def record_digest(self, release: Release, *, by: Principal, now: datetime, package: Any, integrity: str) -> None:
        """Record the digest that a package's registry gives; it is written once."""
        row = get_object_or_404(release.packages.select_related("release__server"), pk=package)
        importing.record_package_digest(row, integrity=integrity, by=by, now=now)
