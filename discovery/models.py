"""Machines and the servers that clients on them are configured with; and what of these nobody approved."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from decisions.models import Approval
from numbering.models import Numbered
from riskregister import transitions
from riskregister.ids import uuid7
from vendors.models import Release, Server


class Machine(models.Model):
    """A machine of a unit, by the label that its reports give it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # A unit goes with the demo alone, once what its machines reported has gone.
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="machines")
    label = models.CharField(max_length=120)
    first_seen_at = models.DateTimeField()

    class Meta:
        ordering = ("label",)
        constraints = (models.UniqueConstraint(fields=["unit", "label"], name="a_unit_has_a_machine_once"),)

    def __str__(self) -> str:
        """Return its label."""
        return self.label


class DiscoveryQuerySet(ScopedQuerySet["Discovery"]):
    """Reports about machines of the units a person works in."""


class Discovery(models.Model):
    """What a machine reported, from the first time to the last that it said just this.

    `unread` is what could not be read, by place and name, with the reason: of that nothing is known.
    """

    class Via(models.TextChoices):
        """How it came."""

        PAGE = "page"
        API = "api", "API"
        COMMAND = "command"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="discoveries")
    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="discoveries")
    via = models.CharField(max_length=10, choices=Via)
    sent_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=64, help_text="of what it says, without any moment")
    entries = models.PositiveIntegerField(help_text="how many servers it names")
    unapproved = models.PositiveIntegerField(help_text="how many of them nobody had seen in the unit, nor approved")
    gone = models.PositiveIntegerField(help_text="how many that were there before it names no more")
    unread = models.JSONField(default=list, blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    objects = DiscoveryQuerySet.as_manager()

    class Meta:
        ordering = ("-last_at", "-id")
        verbose_name_plural = "discoveries"
        indexes = (
            models.Index(fields=["-last_at", "-id"], name="discovery_by_time"),
            models.Index(fields=["machine", "-last_at", "-id"], name="discovery_by_machine_time"),
        )

    def __str__(self) -> str:
        """Return e.g. "Report of LAPTOP-7"."""
        return f"Report of {self.machine}"

    @property
    def unread_count(self) -> int:
        """Return how many entries or files could not be read."""
        return len(self.unread)


class KnownAsQuerySet(models.QuerySet["KnownAs"]):
    """By what the servers of the register are known in configurations."""

    def of(self, *, digest: Any, unit: Any) -> Self:
        """Return those of an identity in a unit, of what is in use before what is not."""
        rank = Case(
            *(When(server__status=status, then=Value(at)) for at, status in enumerate(_FIRST)),
            default=Value(len(_FIRST)),
        )
        return self.filter(digest=digest, server__unit=unit).order_by(rank, "server__number")


_FIRST = (Server.Status.APPROVED, Server.Status.SUSPENDED, Server.Status.IN_REVIEW, Server.Status.REQUESTED)


class KnownAs(models.Model):
    """By which package or address a server is known in configurations: as a release names it, or (no release) as
    somebody said of what was found.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    server = models.ForeignKey(Server, on_delete=models.CASCADE, related_name="known_as")
    release = models.ForeignKey(Release, on_delete=models.CASCADE, null=True, blank=True, related_name="known_as")
    identity = models.CharField(max_length=400)
    digest = models.CharField(max_length=64)
    version = models.CharField(max_length=255, blank=True)

    objects = KnownAsQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=["digest"], name="known_as_by_digest"),)
        constraints = (
            models.UniqueConstraint(
                fields=["release", "digest", "version"], name="a_release_is_known_as_a_thing_once",
                condition=Q(release__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["server", "digest"], name="a_server_is_said_to_be_a_thing_once",
                condition=Q(release__isnull=True),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        """Return the identity."""
        return self.identity


class Standing(models.TextChoices):
    """What the register says of a configured server today; asked of the approvals, never stored."""

    APPROVED = "approved", "Approved"
    UNPINNED = "unpinned", "Approved, but any version may run"
    OTHER_VERSION = "other_version", "Not the approved version"
    NOT_APPROVED = "not_approved", "Registered, not approved"
    UNKNOWN = "unknown", "Not registered"


UNAPPROVED = (Standing.OTHER_VERSION, Standing.NOT_APPROVED, Standing.UNKNOWN)


class ConfiguredServerQuerySet(ScopedQuerySet["ConfiguredServer"]):
    """Servers in configurations on machines of the units a person works in."""

    def still_there(self) -> Self:
        """Return those that the last report of their machine named."""
        return self.filter(gone_at__isnull=True)

    def with_standing(self, *, today: date) -> Self:
        """Return them with `standing`, and `known_key` and `known_title` of the server that they are, if any."""
        usable = Approval.objects.letting_use(today=today).order_by()
        known = KnownAs.objects.of(digest=OuterRef("identity_digest"), unit=OuterRef("unit"))
        here = known.order_by().filter(release__in=usable.values("release"))
        standing = Case(
            When(Exists(here.filter(version=OuterRef("version"))), then=Value(Standing.APPROVED)),
            When(Q(version="") & Exists(here), then=Value(Standing.UNPINNED)),
            When(
                Exists(known.order_by().filter(server__in=usable.values("server"))), then=Value(Standing.OTHER_VERSION)
            ),
            When(Exists(known.order_by()), then=Value(Standing.NOT_APPROVED)),
            default=Value(Standing.UNKNOWN),
            output_field=models.CharField(),
        )
        first = {
            f"known_{name}": Subquery(known.values(path)[:1], output_field=field) for name, path, field in _OF_KNOWN
        }
        return self.annotate(standing=standing, **first)

    def unapproved(self, *, today: date) -> Self:
        """Return those that are not approved today as they are."""
        return self.with_standing(today=today).filter(Q(standing__in=UNAPPROVED))


_OF_KNOWN = (("key", "server", models.UUIDField()), ("title", "server__title", models.CharField()))


# What has versions.
_VERSIONED = frozenset({"npm", "pypi", "oci", "nuget", "source"})


class ConfiguredServer(models.Model):
    """A server in the configuration of one client on one machine, from the first report that named it to the last.

    `name` is what it is called there, `place` the file, `identity` what it is; `version` is empty where none is named
    or one that moves, `said` how the entry says it. Nothing here holds a value of a variable, a header or an argument.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="configured_servers")
    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="configured_servers")
    client = models.CharField(max_length=40)
    place = models.CharField(max_length=300)
    name = models.CharField(max_length=200)
    key = models.CharField(max_length=64, help_text="of client, place, name and identity together")
    identity = models.CharField(max_length=400)
    identity_digest = models.CharField(max_length=64)
    registry = models.CharField(max_length=20)
    package = models.CharField(max_length=300)
    version = models.CharField(max_length=255, blank=True)
    said = models.CharField(max_length=255, blank=True)
    is_pinned = models.BooleanField(help_text="it is the same tomorrow")
    command = models.JSONField(default=list, blank=True, help_text="without values")
    variables = models.JSONField(default=list, blank=True, help_text="names")
    headers = models.JSONField(default=list, blank=True, help_text="names")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True, help_text="when a report first named it no more")

    objects = ConfiguredServerQuerySet.as_manager()

    class Meta:
        ordering = ("-last_seen_at", "-id")
        indexes = (
            models.Index(fields=["-last_seen_at", "-id"], name="configured_by_time"),
            models.Index(fields=["unit", "identity_digest"], name="configured_by_identity"),
            models.Index(fields=["client"], name="configured_by_client"),
        )
        constraints = (
            models.UniqueConstraint(fields=["machine", "key"], name="a_machine_has_a_configured_server_once"),
        )

    def __str__(self) -> str:
        """Return e.g. "filesystem in Cursor on LAPTOP-7"."""
        return f"{self.name} in {self.client} on {self.machine}"

    @property
    def what(self) -> str:
        """Return what it is, with the version as the entry says it."""
        return f"{self.identity} {self.said}".strip()

    @property
    def fixed(self) -> str:
        """Return whether the same runs tomorrow, in words; of an address and a program of one's own nothing is said."""
        if self.registry not in _VERSIONED:
            return ""
        return "Fixed" if self.is_pinned else "Tag can move" if self.version else "Any version"

    @property
    def where(self) -> str:
        """Return the client and the file."""
        return f"{self.client}, {self.place}"


class UnapprovedUseQuerySet(ScopedQuerySet["UnapprovedUse"]):
    """What is used and not approved in the units a person works in."""

    def with_machines(self) -> Self:
        """Return them with `machines`: on how many it is configured still."""
        counted = _entries().order_by().values("identity_digest").annotate(n=Count("machine", distinct=True))
        return self.annotate(machines=Subquery(counted.values("n")))

    def waiting(self, *, today: date) -> Self:
        """Return those that somebody must decide on: still in use and not approved, new or no longer watched."""
        undecided = Q(status=UnapprovedUse.Status.SEEN) | Q(
            status=UnapprovedUse.Status.WATCHED, watched_until__lt=today
        )
        return self.filter(undecided, Exists(_entries().unapproved(today=today).order_by()))


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
