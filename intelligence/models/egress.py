"""Observed egress: which hosts a server contacted, as the logs of a proxy or a network tell."""

from django.db import models
from django.db.models import Q

from accounts.access import ScopedQuerySet
from accounts.models import User
from riskregister.ids import uuid7
from vendors.models import Deployment, Server


class EgressLogQuerySet(ScopedQuerySet["EgressLog"]):
    """Logs about the servers of the units that a person works in."""

    unit_path = "server__unit_id"


class EgressLog(models.Model):
    """A log that was taken: of which server, and if it is known of which deployment; the same log is taken once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="egress_logs")
    deployment = models.ForeignKey(
        Deployment, on_delete=models.PROTECT, null=True, blank=True, related_name="egress_logs"
    )
    form = models.CharField(max_length=20)
    client = models.CharField(max_length=200, blank=True, help_text="whose lines were read; empty: all")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file")
    contacts_read = models.PositiveIntegerField(default=0)
    hosts = models.PositiveIntegerField(default=0, help_text="how many of them, each port for itself")
    unread = models.PositiveIntegerField(default=0, help_text="lines that could not be read")
    first_unread = models.CharField(max_length=700, blank=True)
    taken_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="empty: a command"
    )
    taken_at = models.DateTimeField()

    objects = EgressLogQuerySet.as_manager()

    class Meta:
        ordering = ("-taken_at", "-id")
        indexes = (models.Index(fields=["-taken_at", "-id"], name="egress_log_by_time"),)
        constraints = (
            models.UniqueConstraint(
                fields=["server", "deployment", "client", "digest"], name="a_log_of_a_deployment_is_taken_once",
                condition=Q(deployment__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["server", "client", "digest"], name="a_log_of_a_server_is_taken_once",
                condition=Q(deployment__isnull=True),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        """Return e.g. "Log of squid, S-12 Filesystem"."""
        return f"Log of {self.form}, {self.server}"


class EgressContactQuerySet(ScopedQuerySet["EgressContact"]):
    """Hosts that servers of the units that a person works in contacted."""

    unit_path = "server__unit_id"


class EgressContact(models.Model):
    """A host that a server contacted at a port, or that it tried to and was not let: when first, last, how often."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="contacts")
    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, null=True, blank=True, related_name="contacts")
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField()
    was_let = models.BooleanField("let through", default=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    count = models.PositiveBigIntegerField(default=0)
    log = models.ForeignKey(EgressLog, on_delete=models.PROTECT, related_name="contacts", help_text="that told it last")

    objects = EgressContactQuerySet.as_manager()

    class Meta:
        ordering = ("-last_seen_at", "-id")
        indexes = (models.Index(fields=["-last_seen_at", "-id"], name="contact_by_time"),)
        constraints = (
            models.UniqueConstraint(
                fields=["server", "deployment", "host", "port", "was_let"], name="a_deployment_contacts_a_host_once",
                condition=Q(deployment__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["server", "host", "port", "was_let"], name="a_server_contacts_a_host_once",
                condition=Q(deployment__isnull=True),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        """Return e.g. "api.example.com:443"."""
        return f"{self.host}:{self.port}"
