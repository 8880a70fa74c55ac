"""Releases of a server: packages, remotes, and the tools and other offerings that were captured from it."""

import json
from typing import Self

from django.db import models

from accounts.access import ScopedQuerySet
from riskregister import lookalikes
from riskregister.ids import uuid7
from vendors import vendor_text
from vendors.models.server import Server
from vendors.naming import addresses, pinning
from vendors.naming.integrity import DIGESTS_LIMIT
from vendors.offered.manifest import HINT_DEFAULTS


class ReleaseQuerySet(ScopedQuerySet["Release"]):
    """Releases of the servers a person may see."""

    unit_path = "server__unit_id"

    def relied_on(self, server: Server) -> "Release | None":
        """Return the release of a server that is relied on: the pinned one, else the newest; None without any."""
        return server.pinned_release or self.filter(server=server).first()

    def captured(self) -> Self:
        """Return those whose tools were captured, the newest capture first."""
        return self.exclude(manifest_digest="").order_by("-captured_at", "-created_at")


class Release(models.Model):
    """One version of a server, with digests; a second manifest under the same version is a further revision.

    `server_json` is the imported document as canonical JSON, `server_json_digest` its SHA-256; `dropped` are the places
    where it held what looked like a credential. The `registry_` fields are what the registry said of it then, and
    `taken_although` why it was taken although the registry advises against it. `manifest_digest` is the SHA-256 of the
    canonical manifest, empty until a `tools/list` was captured.
    """

    class RegistryStatus(models.TextChoices):
        """What a registry says of a release."""

        ACTIVE = "active"
        DEPRECATED = "deprecated"
        DELETED = "deleted"

    AGAINST = (RegistryStatus.DEPRECATED, RegistryStatus.DELETED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="releases")
    version = models.CharField(max_length=255)
    revision = models.PositiveSmallIntegerField(default=1)
    description = models.CharField(max_length=300, blank=True)
    server_json = models.TextField(blank=True)
    server_json_digest = models.CharField(max_length=64, blank=True)
    schema_date = models.CharField(max_length=10, blank=True, help_text="of the published schema that it was read by")
    dropped = models.JSONField(default=list, blank=True, help_text="places of dropped credentials")
    registry_status = models.CharField(max_length=12, choices=RegistryStatus, blank=True)
    registry_message = models.TextField(blank=True)
    registry_changed_at = models.DateTimeField(null=True, blank=True, help_text="when the registry changed the status")
    registry_published_at = models.DateTimeField(null=True, blank=True)
    registry_meta = models.JSONField(
        default=dict, blank=True, help_text="all that the registry said beside the document"
    )
    taken_although = models.TextField(blank=True)
    manifest_digest = models.CharField(max_length=64, blank=True)
    instructions = models.TextField(blank=True)
    protocol_version = models.CharField(max_length=200, blank=True)
    reported_name = models.CharField(max_length=500, blank=True, help_text="serverInfo.name, as the server says")
    reported_version = models.CharField(max_length=500, blank=True, help_text="serverInfo.version, as the server says")
    server_info = models.JSONField(default=dict, blank=True, help_text="all that the server says of itself")
    capabilities = models.JSONField(default=dict, blank=True)
    captured_at = models.DateTimeField(null=True, blank=True)
    capture_command = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-revision")
        indexes = (
            models.Index(fields=["version"], name="release_by_version"),
            models.Index(fields=["manifest_digest"], name="release_by_manifest"),
        )
        constraints = (
            models.UniqueConstraint(fields=["server", "version", "revision"], name="a_release_is_recorded_once"),
        )

    def __str__(self) -> str:
        """Return e.g. "2026.8.31" or "2026.8.31 (revision 2)"."""
        return self.version if self.revision == 1 else f"{self.version} (revision {self.revision})"

    @property
    def is_advised_against(self) -> bool:
        """Return whether its registry says that it is deprecated or deleted."""
        return self.registry_status in self.AGAINST

    @property
    def unseen(self) -> list[vendor_text.Hidden]:
        """Return where its own texts, those of its tools left out, hold characters that nobody sees."""
        texts = {
            "instructions": self.instructions,
            "serverInfo": self.server_info,
            "protocolVersion": self.protocol_version,
            "capabilities": self.capabilities,
            "registry": self.registry_meta,
            "server": json.loads(self.server_json or "{}"),
        }
        return vendor_text.hidden_in(texts)

    @property
    def look_alikes(self) -> list[tuple[str, ...]]:
        """Return the names of its tools that look alike, or differ in case only, those of one look together."""
        return lookalikes.groups(self.tools.values_list("name", flat=True))


class Package(models.Model):
    """A package in which a release is distributed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="packages")
    registry_type = models.CharField(max_length=20)
    identifier = models.CharField(max_length=400)
    registry_base_url = models.CharField(max_length=500, blank=True, help_text="empty: the public registry of its type")
    version = models.CharField(max_length=255, blank=True)
    transport = models.CharField(max_length=20)
    transport_url = models.CharField(max_length=500, blank=True)
    runtime_hint = models.CharField(max_length=40, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    integrity = models.CharField(
        max_length=DIGESTS_LIMIT, blank=True, help_text="the package's own digest, e.g. sha512-…; of several files each"
    )
    environment = models.JSONField(default=list, help_text="without values that can be credentials")
    headers = models.JSONField(default=list, help_text="of an HTTP transport, as for a remote")
    runtime_arguments = models.JSONField(default=list, help_text="of what runs the package, such as docker or npx")
    package_arguments = models.JSONField(default=list, help_text="of the package itself")

    class Meta:
        ordering = ("registry_type", "identifier")
        constraints = (
            models.UniqueConstraint(
                fields=["release", "registry_type", "identifier", "version", "transport"],
                name="a_package_is_named_once_for_a_transport",
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "npm @scope/name 1.2.3"."""
        return f"{self.registry_type} {self.identifier} {self.version}".strip()

    @property
    def why_not_pinned(self) -> str:
        """Return why it cannot be pinned, in words for people; empty where it names one artefact."""
        return pinning.why_not(
            registry_type=self.registry_type, identifier=self.identifier, version=self.version, sha256=self.sha256
        )

    @property
    def is_from_other_registry(self) -> bool:
        """Return whether it comes from another registry than the public one of its type."""
        return addresses.is_other_registry(self.registry_type, self.registry_base_url)


class RemoteQuerySet(models.QuerySet["Remote"]):
    """Addresses of releases."""

    def fixed_streamable(self) -> Self:
        """Return those that the register itself can connect to: of Streamable HTTP, and complete as they stand."""
        return self.filter(transport=Remote.Transport.STREAMABLE_HTTP).exclude(url__contains="{")


class Remote(models.Model):
    """An address at which a release is served."""

    class Transport(models.TextChoices):
        """How it is spoken to."""

        STREAMABLE_HTTP = "streamable-http", "Streamable HTTP"
        SSE = "sse", "SSE"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="remotes")
    transport = models.CharField(max_length=20, choices=Transport)
    url = models.CharField(max_length=500)
    headers = models.JSONField(default=list, help_text="without values that can be credentials")
    variables = models.JSONField(default=list, help_text="what fills the braces in the address")

    objects = RemoteQuerySet.as_manager()

    class Meta:
        ordering = ("url",)
        indexes = (models.Index(fields=["url"], name="remote_by_url"),)
        constraints = (models.UniqueConstraint(fields=["release", "url", "transport"], name="a_remote_is_named_once"),)

    def __str__(self) -> str:
        """Return the address."""
        return self.url

    @property
    def address(self) -> addresses.Address:
        """Return whether the address is encrypted, private, or open."""
        return addresses.read(self.url)


class Tool(models.Model):
    """A tool that a release offers, as captured; a hint is null where the server declares none.

    `canonical` is all that the digest covers, so that it can be recomputed; `uncovered` is what else the server said.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="tools")
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=500, blank=True)
    description = models.TextField(blank=True)
    input_schema = models.JSONField(default=dict)
    output_schema = models.JSONField(null=True)
    read_only = models.BooleanField(null=True)
    destructive = models.BooleanField(null=True)
    idempotent = models.BooleanField(null=True)
    open_world = models.BooleanField(null=True)
    annotations = models.JSONField(default=dict, blank=True, help_text="as declared, the hints included")
    uncovered = models.JSONField(default=dict, blank=True, help_text="what the digest does not cover: icons, _meta")
    canonical = models.TextField(help_text="what the digest is of, in the form of RFC 8785")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["release", "name"], name="a_tool_is_named_once"),)

    def __str__(self) -> str:
        """Return the tool's name."""
        return self.name

    @property
    def may_destroy(self) -> bool:
        """Return whether it may, by what it claims, or by what the protocol assumes where it claims nothing."""
        if self.read_only:
            return False
        return HINT_DEFAULTS["destructiveHint"] if self.destructive is None else self.destructive

    @property
    def may_reach_out(self) -> bool:
        """Return whether it may reach beyond the server, by the same rule."""
        return HINT_DEFAULTS["openWorldHint"] if self.open_world is None else self.open_world

    @property
    def annotation_title(self) -> str:
        """Return the title among the annotations, which older servers give and clients show."""
        return str(self.annotations.get("title") or "")

    @property
    def shown_title(self) -> str:
        """Return what a client shows as the tool's name: its title, that of its annotations, or its name."""
        return self.title or self.annotation_title or self.name

    @property
    def unseen(self) -> list[vendor_text.Hidden]:
        """Return where its texts, those of its parameters included, hold characters that nobody sees."""
        return vendor_text.hidden_in(json.loads(self.canonical) | self.uncovered)

    @property
    def strange_letters(self) -> str:
        """Return the letters of its name that pass for Latin ones, with their names; empty for none."""
        return lookalikes.strangers(self.name)


class Offering(models.Model):
    """A prompt, a resource or a template of resources that a release offers beside its tools, as captured."""

    class Kind(models.TextChoices):
        """What it is."""

        PROMPT = "prompt"
        RESOURCE = "resource"
        RESOURCE_TEMPLATE = "resource_template", "Resource template"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="offerings")
    kind = models.CharField(max_length=20, choices=Kind)
    key = models.CharField(max_length=2000, help_text="the name of a prompt, the address of the others")
    name = models.CharField(max_length=500, blank=True)
    title = models.CharField(max_length=500, blank=True)
    description = models.TextField(blank=True)
    mime_type = models.CharField(max_length=200, blank=True)
    arguments = models.JSONField(default=list, blank=True)
    uncovered = models.JSONField(default=dict, blank=True, help_text="what the digest does not cover: icons, _meta")
    canonical = models.TextField(help_text="what the digest is of, in the form of RFC 8785")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("kind", "key")
        # By the digest, since an address may be longer than what an index of PostgreSQL holds; a capture with one name
        # twice is refused before.
        constraints = (models.UniqueConstraint(fields=["release", "kind", "digest"], name="an_offering_is_kept_once"),)

    def __str__(self) -> str:
        """Return its name or address."""
        return self.key

    @property
    def shown_title(self) -> str:
        """Return what a client shows as its name."""
        return self.title or self.name or self.key

    @property
    def unseen(self) -> list[vendor_text.Hidden]:
        """Return where its texts hold characters that nobody sees."""
        return vendor_text.hidden_in(json.loads(self.canonical) | self.uncovered)
