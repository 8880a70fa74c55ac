"""Releases of a server: packages, remotes and the tools that were captured from it."""

from django.db import models

from accounts.access import ScopedQuerySet
from riskregister.ids import uuid7
from vendors.models.server import Server


class ReleaseQuerySet(ScopedQuerySet["Release"]):
    """Releases of the servers a person may see."""

    unit_path = "server__unit_id"


class Release(models.Model):
    """One version of a server, with digests; a second manifest under the same version is a further revision.

    `server_json` is the imported document as canonical JSON, `server_json_digest` its SHA-256. `manifest_digest` is the
    SHA-256 of the canonical tool manifest, empty until a `tools/list` was captured.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="releases")
    version = models.CharField(max_length=255)
    revision = models.PositiveSmallIntegerField(default=1)
    description = models.CharField(max_length=300, blank=True)
    server_json = models.TextField(blank=True)
    server_json_digest = models.CharField(max_length=64, blank=True)
    manifest_digest = models.CharField(max_length=64, blank=True)
    instructions = models.TextField(blank=True)
    protocol_version = models.CharField(max_length=200, blank=True)
    reported_name = models.CharField(max_length=500, blank=True, help_text="serverInfo.name, as the server says")
    reported_version = models.CharField(max_length=500, blank=True, help_text="serverInfo.version, as the server says")
    captured_at = models.DateTimeField(null=True, blank=True)
    capture_command = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-revision")
        constraints = (
            models.UniqueConstraint(fields=["server", "version", "revision"], name="a_release_is_recorded_once"),
        )

    def __str__(self) -> str:
        """Return e.g. "2026.8.31" or "2026.8.31 (revision 2)"."""
        return self.version if self.revision == 1 else f"{self.version} (revision {self.revision})"


class Package(models.Model):
    """A package in which a release is distributed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="packages")
    registry_type = models.CharField(max_length=20)
    identifier = models.CharField(max_length=400)
    version = models.CharField(max_length=255, blank=True)
    transport = models.CharField(max_length=20)
    transport_url = models.CharField(max_length=500, blank=True)
    runtime_hint = models.CharField(max_length=40, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    integrity = models.CharField(max_length=200, blank=True, help_text="the package's own digest, e.g. sha512-…")
    environment = models.JSONField(default=list, help_text="names, required and secret flags; never values")
    headers = models.JSONField(default=list, help_text="of an HTTP transport, as for a remote")
    arguments = models.JSONField(default=list)

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
    headers = models.JSONField(default=list, help_text="names, required and secret flags; never values")
    variables = models.JSONField(default=list, help_text="what fills the braces in the address")

    class Meta:
        ordering = ("url",)
        constraints = (models.UniqueConstraint(fields=["release", "url", "transport"], name="a_remote_is_named_once"),)

    def __str__(self) -> str:
        """Return the address."""
        return self.url


class Tool(models.Model):
    """A tool that a release offers, as captured; a hint is null where the server declares none.

    `canonical` is all that the digest covers, annotations that no column holds included, so that it can be recomputed.
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
    canonical = models.TextField(help_text="what the digest is of, in the form of RFC 8785")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["release", "name"], name="a_tool_is_named_once"),)

    def __str__(self) -> str:
        """Return the tool's name."""
        return self.name
