"""Inventories of releases, the components that they list, and the versions of packages that these are."""

from typing import Any, Self

from django.db import models
from django.db.models import BooleanField, Case, ExpressionWrapper, F, OuterRef, Q, Subquery, When

from accounts.access import ScopedQuerySet
from accounts.models import User
from evidence.models import Blob
from numbering.models import Numbered
from riskregister import transitions
from riskregister.ids import uuid7
from vendors.models import Release, Server


class PackageVersion(models.Model):
    """One version of one package, as the world names it: what advisories speak of. Of no unit: it is public.

    `ecosystem` and `name` are as OSV has them, `folded` is the name as it is compared (`ecosystems.folded`). Without an
    ecosystem or a version nothing can be matched with it, which is unknown and never clean. `unreadable` says why it
    can be compared with no advisory, if so.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ecosystem = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=300)
    folded = models.CharField(max_length=300)
    version = models.CharField(max_length=255, blank=True)
    purl = models.CharField(max_length=700, blank=True, help_text="canonical; empty where none is known")
    unreadable = models.CharField(max_length=200, blank=True)
    is_matched = models.BooleanField(default=False, help_text="no: it waits to be compared with all advisories")

    class Meta:
        ordering = ("ecosystem", "name", "version", "id")
        indexes = (
            models.Index(fields=["id"], name="package_version_to_match", condition=Q(is_matched=False)),
            models.Index(fields=["folded"], name="package_version_by_name"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["ecosystem", "name", "version"], name="a_version_of_a_package_is_known_once"
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "lodash 4.17.20"."""
        return f"{self.name} {self.version}".rstrip()


def relied_on(path: str) -> Q:
    """Return the condition that an inventory, at this path, is of the release of its server that is relied on.

    It is the rule of `Release.objects.relied_on`: the pinned one, else the newest.
    """
    pinned = f"{path}server__pinned_release"
    newest = Release.objects.filter(server=OuterRef(f"{path}server")).values("pk")[:1]
    # As a CASE, of which PostgreSQL takes half of the rows to hold: of the same as OR and AND it expected one row of
    # 2,000, and read all components to show a page of them.
    return Q(
        Case(
            When(**{f"{pinned}__isnull": True}, then=_is_true(Q(**{f"{path}release": Subquery(newest)}))),
            default=_is_true(Q(**{f"{path}release": F(pinned)})),
            output_field=BooleanField(),
        )
    )


def _is_true(condition: Q) -> "ExpressionWrapper[Any]":
    return ExpressionWrapper(condition, output_field=BooleanField())


class InventoryQuerySet(ScopedQuerySet["Inventory"]):
    """Inventories of servers of the units a person works in."""

    unit_path = "server__unit_id"

    def current(self) -> Self:
        """Return those that say what a release is built from today."""
        return self.filter(status=Inventory.Status.CURRENT)

    def counting(self) -> Self:
        """Return those that say what a server is built from: the current ones of the release that is relied on."""
        return self.filter(relied_on("")).filter(status=Inventory.Status.CURRENT)


class Inventory(Numbered):
    """What a release of a server is built from, as one document says it: an SBOM or a lock file.

    `scope` is which part of the release it speaks of, in the words of who gave it ("package-lock.json", "server"); a
    later document of the same scope takes its place. `document` are the bytes as they came.
    """

    class Status(models.TextChoices):
        """Where it is."""

        CURRENT = "current"
        SUPERSEDED = "superseded"
        WITHDRAWN = "withdrawn"

    TRANSITIONS = transitions.table(current="superseded withdrawn")

    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="inventories")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="inventories")
    scope = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=Status, default=Status.CURRENT)
    form = models.CharField(max_length=80, help_text="in words, e.g. CycloneDX 1.6, JSON")
    subject = models.CharField(max_length=300, blank=True, help_text="what it is the inventory of, as it says")
    document = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="inventories")
    file_name = models.CharField(max_length=255)
    own_package = models.JSONField(
        null=True, blank=True, help_text="what it is the inventory of as a package with its digests, where it says so"
    )
    remarks = models.JSONField(default=list, blank=True)
    components_count = models.PositiveIntegerField()
    unknown_count = models.PositiveIntegerField(default=0, help_text="of components that cannot be compared")
    given_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="empty: a command"
    )
    taken_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(blank=True)
    superseded_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = InventoryQuerySet.as_manager()

    class Meta:
        ordering = ("-taken_at", "-id")
        indexes = (
            models.Index(fields=["-taken_at", "-id"], name="inventory_by_time"),
            models.Index(fields=["server", "-taken_at", "-id"], name="inventory_by_server_time"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["release", "scope"],
                name="a_part_of_a_release_has_one_current_inventory",
                condition=Q(status="current"),
            ),
            models.CheckConstraint(
                name="an_inventory_that_ended_says_when",
                condition=Q(status="current") | Q(ended_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "package-lock.json of 1.4.2"."""
        return f"{self.scope} of {self.release}"


class ComponentQuerySet(ScopedQuerySet["Component"]):
    """Components of the inventories of the units a person works in."""

    unit_path = "inventory__server__unit_id"

    def counting(self) -> Self:
        """Return what the inventories list that say what a server is built from."""
        return self.filter(relied_on("inventory__"), inventory__status=Inventory.Status.CURRENT)


class Component(models.Model):
    """One component that an inventory lists, and how it came there.

    `path` are the names from what the release needs itself down to it, itself left out. `is_direct` is empty where the
    document does not say.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    inventory = models.ForeignKey(Inventory, on_delete=models.CASCADE, related_name="components")
    package_version = models.ForeignKey(PackageVersion, on_delete=models.PROTECT, related_name="components")
    ref = models.CharField(max_length=500, help_text="its name within the document")
    is_direct = models.BooleanField(null=True, blank=True)
    is_development = models.BooleanField(default=False)
    path = models.JSONField(default=list, blank=True)
    licences = models.JSONField(default=list, blank=True)
    digests = models.JSONField(default=list, blank=True)

    objects = ComponentQuerySet.as_manager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        """Return the package with its version."""
        return str(self.package_version)
