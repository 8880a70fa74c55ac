"""Releases of servers, with their packages, remotes and tools."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.principals import Principal
from api.description.described import described
from api.fields import Body, Choice, Known, Text
from api.filters import refuse_parameters
from api.steps import in_body, takes
from api.v1.endpoint_parts import downloads, refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, part, step
from inspection import checking
from inspection.checks import table
from inspection.checks.declared import Nature, Outcome, Result
from vendors.lists import RELEASES
from vendors.models import Offering, Package, Release, Remote, Server, Tool
from vendors.offered import digests
from vendors.registering import importing, registration

F = TypeVar("F", bound=Callable[..., Any])
HITS_SHOWN = 100


class UnseenCharacter(serializers.Serializer[Any]):
    """A character that nobody sees, or that turns the order in which others are read."""

    code = serializers.CharField(help_text="e.g. U+200B")
    name = serializers.CharField()
    count = serializers.IntegerField()


class UnseenIn(serializers.Serializer[Any]):
    """A place in a vendor's document that holds such characters."""

    path = serializers.CharField()
    characters = UnseenCharacter(many=True)
    spelled = serializers.CharField(help_text="what its tag characters spell, which a model reads")


class PackageOut(Out):
    """A package in which a release is distributed; values that can be credentials are not kept."""

    is_from_other_registry = serializers.BooleanField(help_text="than the public one of its type")
    why_not_pinned = serializers.CharField(help_text="why it may be another one tomorrow; empty where it cannot")

    class Meta:
        model = Package
        fields = (
            "id", "registry_type", "identifier", "registry_base_url", "is_from_other_registry", "version",
            "why_not_pinned", "transport", "transport_url", "runtime_hint", "sha256", "integrity", "environment",
            "headers", "runtime_arguments", "package_arguments",
        )  # fmt: skip


class RemoteOut(Out):
    """An address at which a release is served."""

    is_encrypted = serializers.BooleanField(source="address.is_encrypted")
    is_private = serializers.BooleanField(source="address.is_private", help_text="a machine or network of one's own")

    class Meta:
        model = Remote
        fields = ("id", "transport", "url", "is_encrypted", "is_private", "headers", "variables")


class ToolOut(Out):
    """A tool as captured; a hint is null where the server declares none. Its texts are as they came."""

    shown_title = serializers.CharField(help_text="what a client shows: title, title of the annotations, or name")
    unseen = UnseenIn(many=True)
    strange_letters = serializers.CharField(help_text="letters of the name that pass for Latin ones")

    class Meta:
        model = Tool
        fields = (
            "id", "name", "title", "shown_title", "description", "input_schema", "output_schema", "read_only",
            "destructive", "idempotent", "open_world", "annotations", "uncovered", "unseen", "strange_letters",
            "canonical", "digest",
        )  # fmt: skip


class OfferingOut(Out):
    """A prompt, a resource or a template of resources, as captured."""

    shown_title = serializers.CharField()
    unseen = UnseenIn(many=True)

    class Meta:
        model = Offering
        fields = (
            "id", "kind", "key", "name", "title", "shown_title", "description", "mime_type", "arguments", "uncovered",
            "unseen", "canonical", "digest",
        )  # fmt: skip


class ExcerptOut(serializers.Serializer[Any]):
    """The words that a check matched, and what stands before and behind them."""

    before = serializers.CharField()
    matched = serializers.CharField()
    after = serializers.CharField()


class HitOut(serializers.Serializer[Any]):
    """One thing that a check found."""

    place = serializers.CharField(help_text="the tool or text")
    path = serializers.CharField(help_text="where in its document")
    sentence = serializers.CharField()
    excerpt = ExcerptOut(allow_null=True)


class ManifestCheckOut(serializers.Serializer[Any]):
    """What comes of a check now; one that is not assessed says why, and is not passed."""

    id = serializers.CharField(source="check.id")
    version = serializers.SerializerMethodField(help_text="of the set of checks")
    title = serializers.CharField(source="check.title")
    reason = serializers.CharField(source="check.reason")
    remedy = serializers.CharField(source="check.remedy")
    owasp = serializers.CharField(source="check.owasp", help_text="of the OWASP MCP Top 10 of 2025")
    techniques = serializers.ListField(
        source="check.techniques", child=serializers.CharField(), help_text="of SAFE-MCP"
    )
    nature = Choice(source="check.nature", choices=[one.value for one in Nature])
    gates = serializers.BooleanField(source="check.gates", help_text="a person judges its hits before an approval")
    severity = serializers.IntegerField(source="check.severity.value")
    outcome = Choice(choices=[one.value for one in Outcome])
    why = serializers.CharField(help_text="why it is not assessed; empty where it is")
    hit_count = serializers.SerializerMethodField()
    hits = serializers.SerializerMethodField(help_text="the first 100")

    def get_version(self, result: Result) -> str:
        """Return the version of the set of checks."""
        return table.VERSION

    def get_hit_count(self, result: Result) -> int:
        """Return how many hits there are."""
        return len(result.hits)

    @extend_schema_field(HitOut(many=True))
    def get_hits(self, result: Result) -> Any:
        """Return the first hits."""
        return HitOut(result.hits[:HITS_SHOWN], many=True).data


class ReleaseRow(Out):
    """A release in a list."""

    server = refs.ServerRef()

    class Meta:
        model = Release
        fields = (
            "id", "server", "version", "revision", "description", "registry_status", "server_json_digest",
            "manifest_digest", "protocol_version", "reported_name", "reported_version", "captured_at",
            "capture_command", "created_at",
        )  # fmt: skip


class ReleaseOut(ReleaseRow):
    """A release with its packages and remotes, what its registry says of it, and what the server says of itself."""

    packages = PackageOut(many=True)
    remotes = RemoteOut(many=True)
    tool_count = serializers.SerializerMethodField()
    offering_count = serializers.SerializerMethodField()
    unseen = UnseenIn(many=True)
    look_alikes = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="names of tools that look alike or differ in case only",
    )

    class Meta:
        model = Release
        fields = (
            *ReleaseRow.Meta.fields, "schema_date", "dropped", "registry_message", "registry_changed_at",
            "registry_published_at", "registry_meta", "taken_although", "instructions", "server_info", "capabilities",
            "packages", "remotes", "tool_count", "offering_count", "unseen", "look_alikes",
        )  # fmt: skip

    def get_tool_count(self, release: Release) -> int:
        """Return how many tools were captured."""
        return release.tools.count()

    def get_offering_count(self, release: Release) -> int:
        """Return how many prompts, resources and templates of resources were captured."""
        return release.offerings.count()


def document(name: str) -> Callable[[F], F]:
    """Make a method the endpoint `GET …/{id}/name/`, which hands out a kept document."""

    def decorate(method: F) -> F:
        made = action(
            detail=True, methods=["get"], url_path=name, url_name=name, pagination_class=None, filter_backends=()
        )
        return cast(F, described(responses={(200, "application/json"): OpenApiTypes.ANY})(made(method)))

    return decorate


class ReleaseBody(Body):
    """A release recorded by hand."""

    server = Known(Server)
    version = Text()
    description = Text(required=False)


class PackageDigest(Body):
    """The digest of a package, as its registry gives it."""

    package = serializers.UUIDField()
    integrity = Text(help_text="e.g. sha512-…")


class Releases(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Release]):
    """Versions of servers; the one that is approved is the server's pin."""

    serializer_class, row_class, body_class = ReleaseOut, ReleaseRow, ReleaseBody
    of, orders = RELEASES, ("-id",)

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

    @part("offerings", shows=OfferingOut, many=True)
    def offerings(self, release: Release, *, now: datetime) -> Any:
        """Return the prompts, resources and templates of resources that were captured."""
        return release.offerings.all()

    @part("checks", shows=ManifestCheckOut, many=True)
    def checks(self, release: Release, *, now: datetime) -> Any:
        """Return what comes of every check of its tools and texts."""
        return checking.results(release)

    @document("server-json")
    def server_json(self, request: Request, pk: Any) -> Any:
        """Download the `server.json` as it is kept; its SHA-256 is `server_json_digest`."""
        refuse_parameters(request)
        release = self.get_object()
        return downloads.text(release.server_json, name="server.json", sha256=release.server_json_digest)

    @document("manifest")
    def manifest(self, request: Request, pk: Any) -> Any:
        """Download what the manifest's digest covers; its SHA-256 is `manifest_digest`."""
        refuse_parameters(request)
        release = self.get_object()
        text = digests.manifest_text(release) if release.manifest_digest else ""
        return downloads.text(text, name="manifest.json", sha256=release.manifest_digest)

    @step("record-digest", takes=importing.record_package_digest, given=in_body, body=PackageDigest)
    def record_digest(self, release: Release, *, by: Principal, now: datetime, package: Any, integrity: str) -> None:
        """Record the digest that a package's registry gives; it is written once."""
        row = get_object_or_404(release.packages.select_related("release__server"), pk=package)
        importing.record_package_digest(row, integrity=integrity, by=by, now=now)
