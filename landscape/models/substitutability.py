"""How easily a server or a vendor could be replaced, and which alternatives somebody has looked at."""

from django.db import models
from django.db.models import Q

from accounts.access import SharedQuerySet
from accounts.models import Unit, User
from riskregister.ids import uuid7
from vendors.models import Server, Vendor


class SubstitutabilityQuerySet(SharedQuerySet["Substitutability"]):
    """What is said of servers in the units a person works in, and of vendors."""


class Substitutability(models.Model):
    """What is said of one server or of one vendor; of what has none nobody knows."""

    class Level(models.TextChoices):
        """How easily it could be replaced, in the words of DORA, article 29."""

        NOT = "not", "Cannot be replaced"
        HARD = "hard", "Hard to replace"
        EASY = "easy", "Easy to replace"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+",
        help_text="the server's; empty for a vendor",
    )  # fmt: skip
    server = models.OneToOneField(
        Server, on_delete=models.CASCADE, null=True, blank=True, related_name="substitutability"
    )
    vendor = models.OneToOneField(
        Vendor, on_delete=models.CASCADE, null=True, blank=True, related_name="substitutability"
    )
    level = models.CharField(max_length=4, choices=Level)
    reason = models.TextField(help_text="why it is so")
    alternatives = models.TextField("alternatives that were looked at", blank=True, help_text="empty: none on record")
    judged_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    judged_at = models.DateTimeField()

    objects = SubstitutabilityQuerySet.as_manager()

    class Meta:
        verbose_name = "substitutability"
        verbose_name_plural = "substitutabilities"
        ordering = ("-judged_at", "-id")
        indexes = (
            models.Index(fields=["-judged_at", "-id"], name="substitutability_by_time"),
            models.Index(fields=["unit", "-judged_at"], name="substitutability_by_unit"),
        )
        constraints = (
            models.CheckConstraint(
                name="what_can_be_replaced_is_a_server_or_a_vendor",
                condition=Q(server__isnull=True, vendor__isnull=False, unit__isnull=True)
                | Q(server__isnull=False, vendor__isnull=True, unit__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return what is said of what."""
        return f"{self.subject}: {self.get_level_display().lower()}"

    @property
    def subject(self) -> Server | Vendor | None:
        """Return what it is about; a constraint says that there is one."""
        return self.server or self.vendor
