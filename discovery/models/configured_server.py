"""Servers that clients are configured with, and how they stand by the approvals of a day."""

import operator
from collections.abc import Iterable, Iterator
from datetime import date
from functools import reduce
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.lookups import IsNull

from accounts.access import ScopedQuerySet
from accounts.models import Unit
from decisions.models import Approval
from discovery.models.known_as import KnownAs, KnownAsQuerySet
from discovery.models.machine import Machine
from riskregister.ids import uuid7
from vendors.models import Server


class Standing(models.TextChoices):
    """What the register says of a configured server today; asked of the approvals, never stored."""

    APPROVED = "approved", "Approved"
    UNPINNED = "unpinned", "Approved, but any version may run"
    OTHER_VERSION = "other_version", "Not the approved version"
    NOT_APPROVED = "not_approved", "Registered, not approved"
    UNKNOWN = "unknown", "Not registered"


class ConfiguredServerQuerySet(ScopedQuerySet["ConfiguredServer"]):
    """Servers in configurations on machines of the units a person works in."""

    def still_there(self) -> Self:
        """Return those that the last report of their machine named."""
        return self.filter(gone_at__isnull=True)

    def with_standing(self, *, today: date) -> Self:
        """Return them with `standing`, and `known_key` and `known_title` of the server that they are, if any."""
        whens = (When(condition, then=Value(standing)) for standing, condition in _in_turn(today))
        known = _known()
        first = {
            f"known_{name}": Subquery(known.values(path)[:1], output_field=field) for name, path, field in _OF_KNOWN
        }
        standing = Case(*whens, default=Value(_ELSE), output_field=models.CharField())
        return self.annotate(standing=standing, **first)

    def standing_as(self, standings: Iterable[str], *, today: date) -> Self:
        """Return those that stand so today.

        It asks for the condition, not for the column of `with_standing`: that one a database works out row by row.
        """
        asked = {*standings}
        return self.filter(reduce(operator.or_, (where for one, where in _each_alone(today) if one in asked)))

    def of_server(self, key: UUID) -> Self:
        """Return those in its unit that a server is known as, by its releases and by what people said of it."""
        known = KnownAs.objects.filter(server=key).values("digest")
        return self.filter(unit__in=Server.objects.filter(pk=key).values("unit"), identity_digest__in=known)

    def machines(self) -> int:
        """Return on how many machines they are."""
        return self.order_by().values("machine").distinct().count()

    def unapproved(self, *, today: date) -> Self:
        """Return those that are not approved today as they are."""
        # Denied as one, so that it is asked row by row: apart they become joins, which take seconds over rows so new
        # that the database has no statistics of them.
        return self.filter(~(_is_version(today) | _is_of_any_version(today)))


_OF_KNOWN = (("key", "server", models.UUIDField()), ("title", "server__title", models.CharField()))


# What has versions.
_VERSIONED = frozenset({"npm", "pypi", "oci", "nuget", "source"})
# What it is of which nothing else holds.
_ELSE = Standing.OTHER_VERSION


def _in_turn(today: date) -> Iterator[tuple[Standing, Any]]:
    """Yield when a configured server stands how on a day: the first that holds counts, most stop at the first."""
    # What is marked needs no look; what is not is looked up, since a server may come while a report does.
    # Not by EXISTS, which beside an OR is answered from all that is known, read whole.
    yield Standing.UNKNOWN, Q(is_known=False) & Q(IsNull(Subquery(_known().order_by().values("pk")[:1]), True))
    yield Standing.NOT_APPROVED, ~Exists(_known().filter(server__in=_usable(today).values("server")))
    # A release that names no version is no reason to say that the right one runs.
    yield Standing.APPROVED, _is_version(today) & ~Q(version="", registry__in=_VERSIONED)
    yield Standing.UNPINNED, _is_of_any_version(today)


def _each_alone(today: date) -> Iterator[tuple[Standing, Q]]:
    """Yield the same as conditions of which exactly one holds."""
    before = Q()
    for standing, condition in _in_turn(today):
        yield standing, before & Q(condition)
        before &= Q(~condition)
    yield _ELSE, before


def _is_version(today: date) -> Q:
    return Q(Exists(_approved(today).filter(version=OuterRef("version"))))


def _is_of_any_version(today: date) -> Q:
    return Q(version="") & Q(Exists(_approved(today)))


def _approved(today: date) -> KnownAsQuerySet:
    """Return by what a configured server is known as a release that agents may use."""
    return _known().filter(release__in=_usable(today).values("release"))


def _known() -> KnownAsQuerySet:
    return KnownAs.objects.of(digest=OuterRef("identity_digest"), unit=OuterRef("unit"))


def _usable(today: date) -> "models.QuerySet[Approval]":
    return Approval.objects.letting_use(today=today).order_by()


class ConfiguredServer(models.Model):
    """A server in the configuration of one client on one machine, from the first report that named it to the last.

    `name` is what it is called there, `place` the file, `identity` what it is; `version` is empty where none is named
    or one that moves, `stated_version` is as the entry has it. `is_known`: a server of its unit is known as it, so that
    an index finds the few of which that is not so. Nothing here holds a value of a variable, a header or an argument.
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
    stated_version = models.CharField(max_length=255, blank=True)
    is_pinned = models.BooleanField(help_text="it is the same tomorrow")
    command = models.JSONField(default=list, blank=True, help_text="without values")
    variables = models.JSONField(default=list, blank=True, help_text="names")
    headers = models.JSONField(default=list, blank=True, help_text="names")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True, help_text="when a report first named it no more")
    is_known = models.BooleanField(default=False)

    objects = ConfiguredServerQuerySet.as_manager()

    class Meta:
        ordering = ("-last_seen_at", "-id")
        indexes = (
            models.Index(fields=["-last_seen_at", "-id"], name="configured_by_time"),
            models.Index(fields=["unit", "identity_digest"], name="configured_by_identity"),
            models.Index(fields=["client"], name="configured_by_client"),
            models.Index(
                fields=["-last_seen_at", "-id"], name="configured_unknown_by_time", condition=Q(is_known=False)
            ),
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
        return f"{self.identity} {self.stated_version}".strip()

    @property
    def fixed(self) -> str:
        """Return whether the same runs tomorrow, in words; of an address and a program of one's own nothing is said."""
        if self.registry not in _VERSIONED:
            return ""
        return "Fixed" if self.is_pinned else "Tag can move" if self.version else "Any version"

    @property
    def gone(self) -> str:
        """Return in a word that a report names it no more, empty while it is there."""
        return "Gone" if self.gone_at else ""

    @property
    def where(self) -> str:
        """Return the client and the file."""
        return f"{self.client}, {self.place}"
