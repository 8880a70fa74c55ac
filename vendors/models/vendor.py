"""Vendors: organisations that publish or host MCP servers, or that those depend on."""

from typing import Self

from django.db import models
from django.db.models.functions import Lower

from accounts.access import OrganisationQuerySet
from accounts.models import User
from numbering.models import Numbered
from riskregister import transitions
from riskregister.ids import uuid7


class Criticality(models.TextChoices):
    """How much the organisation depends on a vendor."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


def criticality_rank() -> models.Case:
    """Return the place of a vendor's criticality as a column: the worst is 0, what is not judged comes last."""
    order = [models.When(criticality=word, then=models.Value(place)) for place, word in enumerate(Criticality.values)]
    return models.Case(*order, default=models.Value(len(order)))


class Kind(models.TextChoices):
    """What a vendor supplies; it can be several."""

    MCP_PUBLISHER = "mcp_publisher", "MCP server publisher"
    HOST = "host", "Host"
    MODEL_PROVIDER = "model_provider", "Model provider"
    DATA_SOURCE = "data_source", "Data source"
    CLOUD = "cloud", "Cloud infrastructure"
    CONSULTANT = "consultant", "Consultant"


class VendorQuerySet(OrganisationQuerySet["Vendor"]):
    """Vendors belong to the whole organisation."""

    def looking_like(self, vendor: "Vendor") -> Self:
        """Return the other vendors whose name looks like this one's and is written with other characters."""
        return self.filter(look=vendor.look).exclude(pk=vendor.pk).exclude(name__iexact=vendor.name)


class Vendor(Numbered):
    """An organisation that supplies an MCP server, hosts it, or stands behind one that does."""

    class Status(models.TextChoices):
        """Where the relationship is."""

        PROSPECTIVE = "prospective"
        ACTIVE = "active"
        OFFBOARDING = "offboarding"
        OFFBOARDED = "offboarded"

    TRANSITIONS = transitions.table(
        prospective="active offboarded", active="offboarding", offboarding="offboarded active", offboarded="prospective"
    )

    name = models.CharField(max_length=160)
    legal_entity = models.CharField(max_length=200, blank=True)
    website = models.URLField(max_length=300, blank=True)
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166 code of two letters, e.g. GB")
    relationship_owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="vendors_owned"
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.PROSPECTIVE)
    criticality = models.CharField(max_length=10, choices=Criticality, blank=True)
    is_commercial = models.BooleanField(
        "offers it as a business", null=True, blank=True, help_text="empty: nobody knows yet"
    )
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="subsidiaries")
    notes = models.TextField(blank=True)
    is_demo = models.BooleanField(default=False, editable=False)
    look = models.CharField(max_length=400, blank=True, editable=False, help_text="what its name looks like")
    created_at = models.DateTimeField()

    objects = VendorQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        indexes = (
            models.Index(fields=["name"], name="vendor_by_name"),
            models.Index(fields=["status", "name"], name="vendor_by_status"),
            models.Index(criticality_rank(), "name", name="vendor_by_criticality"),
            models.Index(fields=["country"], name="vendor_by_country"),
            models.Index(fields=["look"], name="vendor_by_look"),
            models.Index(fields=["-created_at", "-id"], name="vendor_by_age"),
        )
        constraints = (
            models.UniqueConstraint(Lower("name"), name="a_vendor_is_registered_once"),
            models.CheckConstraint(
                name="a_vendor_is_not_its_own_parent",
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
            ),
        )

    def __str__(self) -> str:
        """Return the vendor's name."""
        return self.name


class VendorKind(models.Model):
    """One of the things a vendor supplies."""

    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="kinds")
    kind = models.CharField(max_length=20, choices=Kind)

    class Meta:
        ordering = ("kind",)
        indexes = (models.Index(fields=["kind", "vendor"], name="vendor_by_kind"),)
        constraints = (models.UniqueConstraint(fields=["vendor", "kind"], name="a_kind_is_named_once"),)

    def __str__(self) -> str:
        """Return the kind as people read it."""
        return self.get_kind_display()


class SubProcessor(models.Model):
    """A vendor whose services another vendor uses to serve us (a fourth party)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="sub_processors")
    used = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="used_by")
    purpose = models.CharField(max_length=200)

    class Meta:
        ordering = ("used__name",)
        constraints = (
            models.UniqueConstraint(fields=["vendor", "used"], name="a_sub_processor_is_named_once"),
            models.CheckConstraint(
                name="a_vendor_is_not_its_own_sub_processor", condition=~models.Q(vendor=models.F("used"))
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "Cloud Ltd for hosting"."""
        return f"{self.used} for {self.purpose}"


class Contact(models.Model):
    """A person at a vendor."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        """Return the contact's name."""
        return self.name
