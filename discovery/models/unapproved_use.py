"""What clients of a unit are configured with and nobody approved, and what was decided about it."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull

from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from discovery.models.configured_server import ConfiguredServer, ConfiguredServerQuerySet
from discovery.models.known_as import KnownAs
from numbering.models import Numbered
from riskregister import transitions
from vendors.models import Server


class UnapprovedUseQuerySet(ScopedQuerySet["UnapprovedUse"]):
    """What is used and not approved in the units a person works in."""

    def with_machines(self) -> Self:
        """Return them with `machines`: on how many it is configured still."""
        counted = _entries().order_by().values("identity_digest").annotate(n=Count("machine", distinct=True))
        return self.annotate(machines=Coalesce(Subquery(counted.values("n")), 0))

    def waiting(self, *, today: date) -> Self:
        """Return those that somebody must decide on: still in use and not approved, new or no longer watched."""
        return self.filter(_undecided(today), Exists(_entries().unapproved(today=today).order_by()))

    def not_waiting(self, *, today: date) -> Self:
        """Return all others."""
        # Not by EXISTS, which beside an OR is answered from all that is configured, read whole.
        used = _entries().unapproved(today=today).order_by().values("pk")[:1]
        return self.filter(~(_undecided(today) & Q(IsNull(Subquery(used), False))))


def _undecided(today: date) -> Q:
    watched = Q(status=UnapprovedUse.Status.WATCHED, watched_until__lt=today)
    return Q(status=UnapprovedUse.Status.SEEN) | watched


def _entries() -> ConfiguredServerQuerySet:
    rows = ConfiguredServer.objects.still_there()
    return rows.filter(unit=OuterRef("unit"), identity_digest=OuterRef("identity_digest"))


class UnapprovedUse(Numbered):
    """Something that clients of a unit are configured with and that was not approved when it was first seen.

    `server` is what it was registered as, or said to be.
    """

    class Status(models.TextChoices):
        """What was decided about it."""

        SEEN = "seen", "To decide"
        REGISTERED = "registered"
        DENIED = "denied"
        WATCHED = "watched"

    TRANSITIONS = transitions.table(
        seen="registered denied watched", watched="registered denied watched", denied="registered denied watched"
    )

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="unapproved_uses")
    identity = models.CharField(max_length=400)
    identity_digest = models.CharField(max_length=64)
    registry = models.CharField(max_length=20)
    package = models.CharField(max_length=300)
    name = models.CharField(max_length=200, help_text="what it was called where it was first seen")
    status = models.CharField(max_length=12, choices=Status, default=Status.SEEN)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, null=True, blank=True, related_name="unapproved_uses")
    reason = models.TextField(blank=True)
    watched_until = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    told_again_at = models.DateTimeField(
        null=True, blank=True, help_text="when it was told that it is used although it is denied"
    )
    first_seen_at = models.DateTimeField()

    objects = UnapprovedUseQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=["status"], name="unapproved_use_by_status"),
            models.Index(fields=["unit", "status"], name="unapproved_use_by_unit"),
        )
        constraints = (
            models.UniqueConstraint(fields=["unit", "identity_digest"], name="a_unit_decides_on_a_thing_once"),
            models.CheckConstraint(
                name="an_unapproved_use_that_is_decided_says_when",
                condition=Q(status="seen") | Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="an_unapproved_use_that_is_registered_has_a_server",
                condition=~Q(status="registered") | Q(server__isnull=False),
            ),
            models.CheckConstraint(
                name="an_unapproved_use_is_watched_until_a_day",
                condition=~Q(status="watched") | Q(watched_until__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "UU-4 npm:@scope/server"."""
        return f"{self.ref} {self.identity}"

    @property
    def known(self) -> Server | None:
        """Return the server of the unit that it is by what the register knows, if any; one statement."""
        rows = KnownAs.objects.of(digest=self.identity_digest, unit=self.unit_id).select_related("server")
        found = rows.first()
        return found.server if found else None

    def seen(self) -> "QuerySet[ConfiguredServer]":
        """Return where it is configured, or was."""
        rows = ConfiguredServer.objects.filter(unit=self.unit_id, identity_digest=self.identity_digest)
        return rows.select_related("machine").order_by("-last_seen_at", "-id")
