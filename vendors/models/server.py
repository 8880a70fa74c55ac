"""MCP servers: what agents may connect to."""

from typing import Self

from django.db import models
from django.db.models import Value
from django.db.models.functions import Lower, Replace

from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from numbering.models import Numbered
from riskregister import tags, transitions
from vendors.models.deployment import ExposureFacts
from vendors.models.vendor import Vendor


def _client_key() -> Replace:
    """Return the name as a column, as clients' configurations write it: with neither dots nor slashes."""
    return Replace(Replace(Lower("name"), Value("."), Value("-")), Value("/"), Value("_"))


class ServerQuerySet(ScopedQuerySet["Server"]):
    """Servers of the units a person works in."""

    def called(self, name: str) -> Self:
        """Return those with this registry name, in whatever case."""
        # PostgreSQL takes no NUL, and no name holds one.
        return self.none() if "\0" in name else self.alias(lower=Lower("name")).filter(lower=Lower(Value(name)))

    def keyed(self, key: str) -> Self:
        """Return those that clients' configurations call by this key."""
        return self.none() if "\0" in key else self.alias(key=_client_key()).filter(key=Lower(Value(key)))

    def published_by(self, vendor: Vendor) -> Self:
        """Return the servers that the vendor publishes."""
        return self.filter(suppliers__vendor=vendor, suppliers__role=ServerSupplier.SupplierRole.PUBLISHER)

    def looking_like(self, server: "Server") -> Self:
        """Return the other servers whose name or title looks like this one's and is written with other characters."""
        names = models.Q(name_look=server.name_look) & ~models.Q(name__iexact=server.name)
        titles = models.Q(title_look=server.title_look) & ~models.Q(title__iexact=server.title)
        # Rows of which nobody worked it out, and documents without a title, look like nothing.
        names, titles = names & ~models.Q(name_look=""), titles & ~models.Q(title_look="")
        return self.filter(names | titles).exclude(pk=server.pk)


class Server(Numbered, ExposureFacts):
    """An MCP server as something that agents of one unit may connect to.

    Its own exposure facts count while it has no deployment; with deployments it shows the worst of their tiers.
    """

    class Status(models.TextChoices):
        """Whether agents may use it."""

        REQUESTED = "requested"
        IN_REVIEW = "in_review", "In review"
        APPROVED = "approved"
        SUSPENDED = "suspended"
        REJECTED = "rejected"
        RETIRED = "retired"

    TRANSITIONS = transitions.table(
        requested="in_review retired",
        in_review="approved rejected",
        approved="suspended rejected retired",
        suspended="approved rejected retired",
        rejected="requested",
        retired="requested",
    )
    OUT_OF_USE = (Status.RETIRED, Status.REJECTED)
    # Somebody approved these, with the tier and the tools that they had.
    ONCE_APPROVED = (Status.APPROVED, Status.SUSPENDED)

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="servers")
    name = models.CharField("registry name", max_length=200)
    title = models.CharField(max_length=160)
    purpose = models.TextField(blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.REQUESTED)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="servers_owned")
    left_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+",
        help_text="the owner of whom it was recorded that they have no role for it any more",
    )  # fmt: skip
    repository_url = models.URLField(max_length=300, blank=True)
    repository_source = models.CharField(max_length=40, blank=True)
    repository_id = models.CharField(max_length=80, blank=True)
    repository_subfolder = models.CharField(max_length=200, blank=True)
    website_url = models.URLField(max_length=300, blank=True)
    licence = models.CharField(max_length=60, blank=True)
    is_open_source = models.BooleanField(
        "open source", null=True, blank=True, help_text="its source is public under an open licence; empty: as recorded"
    )
    is_vendor_hosted = models.BooleanField(
        "run by the vendor", null=True, blank=True, help_text="the vendor runs it or a part of it; empty: as recorded"
    )
    is_under_contract = models.BooleanField(
        "under contract", null=True, blank=True, help_text="a contract or paid plan covers it; empty: nobody knows yet"
    )
    pinned_release = models.ForeignKey(
        "vendors.Release", on_delete=models.PROTECT, null=True, blank=True, related_name="pinned_by"
    )
    is_in_use = models.BooleanField(default=False, help_text="Agents use it, approved or not")
    # Of the last time, for whoever asks for it meanwhile.
    suspended_at = models.DateTimeField(null=True, blank=True, editable=False)
    suspension_reason = models.TextField(blank=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    name_look = models.CharField(max_length=400, blank=True, editable=False, help_text="what its name looks like")
    title_look = models.CharField(max_length=400, blank=True, editable=False, help_text="what its title looks like")
    created_at = models.DateTimeField()

    objects = ServerQuerySet.as_manager()

    class Meta:
        ordering = ("title",)
        indexes = (
            models.Index(fields=["unit", "status"], name="server_by_unit_status"),
            models.Index(fields=["status"], name="server_by_status"),
            models.Index(fields=["title", "number"], name="server_by_title"),
            models.Index(fields=["inherent_tier", "title", "number"], name="server_by_tier"),
            models.Index(fields=["-created_at", "-id"], name="server_by_age"),
            models.Index(fields=["unit", "-created_at", "-id"], name="server_by_unit_age"),
            models.Index(fields=["name_look"], name="server_by_name_look"),
            models.Index(fields=["title_look"], name="server_by_title_look"),
            models.Index(Lower("name"), name="server_by_name"),
            models.Index(_client_key(), name="server_by_client_key"),
        )
        constraints = (
            models.UniqueConstraint("unit", Lower("name"), name="a_unit_registers_a_server_once"),
            models.CheckConstraint(
                name="an_approved_server_is_pinned_to_a_release",
                condition=~models.Q(status="approved") | models.Q(pinned_release__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "S-12 Filesystem"."""
        return f"{self.ref} {self.title}"

    @property
    def client_key(self) -> str:
        """Return what the server is called in a client's configuration: its name with neither dots nor slashes."""
        return self.name.lower().replace(".", "-").replace("/", "_")

    @property
    def deployers(self) -> "models.QuerySet[User]":
        """Return the owners of its planned deployments and of those in use."""
        return User.objects.filter(pk__in=self.deployments.filter(ended_on__isnull=True).values("owner"))

    @property
    def published_by(self) -> Vendor | None:
        """Return the vendor that publishes it, as it is now, or None; one statement."""
        publisher = self.suppliers.publishers().select_related("vendor").first()
        return publisher.vendor if publisher else None


class ServerTag(models.Model):
    """A word of the organisation's own by which a server is found (`riskregister.tags` says what one is)."""

    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="tags")
    word = models.CharField(max_length=tags.LONGEST)

    class Meta:
        ordering = ("word",)
        indexes = (models.Index(fields=["word", "server"], name="server_by_tag"),)
        constraints = (models.UniqueConstraint(fields=["server", "word"], name="a_server_has_a_tag_once"),)

    def __str__(self) -> str:
        """Return the word."""
        return self.word


class Easing(models.Model):
    """That somebody made the inherent tier of a server milder: they do not approve it over that since."""

    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="easings")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    was = models.PositiveSmallIntegerField(help_text="the tier before")
    tier = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        """Return who did what."""
        return f"{self.person} made the tier of {self.server.ref} milder, from {self.was} to {self.tier}"


class GivenAway(models.Model):
    """That an owner gave a server, or a deployment of it, away.

    They do not make its tier milder while it is approved, nor accept that it runs at a lower governance tier.
    """

    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="given_away")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        """Return who gave it away."""
        return str(self.person)


class ServerSupplierQuerySet(models.QuerySet["ServerSupplier"]):
    """Who stands behind which servers."""

    def publishers(self) -> Self:
        """Return the publishers; of several of a server the one that was recorded first is *the* publisher."""
        return self.filter(role=ServerSupplier.SupplierRole.PUBLISHER).order_by("pk")


class ServerSupplier(models.Model):
    """A vendor in one role behind a server."""

    class SupplierRole(models.TextChoices):
        """What the vendor does for the server."""

        PUBLISHER = "publisher"
        HOST = "host"
        UPSTREAM = "upstream"

    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="suppliers")
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="supplies")
    role = models.CharField(max_length=10, choices=SupplierRole)

    objects = ServerSupplierQuerySet.as_manager()

    class Meta:
        ordering = ("role",)
        constraints = (models.UniqueConstraint(fields=["server", "vendor", "role"], name="a_supplier_has_a_role_once"),)

    def __str__(self) -> str:
        """Return e.g. "Microsoft (publisher)"."""
        return f"{self.vendor} ({self.role})"
