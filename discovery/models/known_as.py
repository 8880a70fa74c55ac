"""By what servers of the register are known in configurations."""

from typing import Any, Self

from django.db import models
from django.db.models import Case, Q, Value, When

from riskregister.ids import uuid7
from vendors.models import Release, Server


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
