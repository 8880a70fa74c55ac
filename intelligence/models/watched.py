"""Watch lists: what somebody learnt about a vendor or a server, until it is settled."""

from django.db import models
from django.db.models import Q

from accounts.access import SharedQuerySet
from accounts.models import Unit, User
from intelligence.models.indicator import TLPS
from numbering.models import Numbered
from riskregister import transitions
from vendors.models import Server, Vendor


class WatchEntryQuerySet(SharedQuerySet["WatchEntry"]):
    """Entries about servers of the units a person works in, and those about vendors, which everybody shares."""


class WatchEntry(Numbered):
    """Something that was learnt about a vendor or a server and that nobody may forget.

    `source` is who says so, in their words; `external_id` what they call it, such as the id of a message: the same is
    noted once. What they wrote is shown, and never believed.
    """

    class Kind(models.TextChoices):
        """What was learnt."""

        BREACH_NOTICE = "breach_notice", "Breach notice"
        TAKE_OVER = "take_over", "Take-over"
        ADVISORY = "advisory", "Advisory"
        OTHER = "other", "Other"

    class Status(models.TextChoices):
        """Whether somebody still watches."""

        WATCHED = "watched"
        SETTLED = "settled"

    class Via(models.TextChoices):
        """How it came."""

        PAGE = "page", "Page"
        API = "api", "API"
        MAIL = "mail", "Mail"

    TRANSITIONS = transitions.table(watched="settled", settled="watched")

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="watch_entries")
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, null=True, blank=True, related_name="watch_entries")
    server = models.ForeignKey(Server, on_delete=models.PROTECT, null=True, blank=True, related_name="watch_entries")
    kind = models.CharField(max_length=13, choices=Kind)
    status = models.CharField(max_length=7, choices=Status, default=Status.WATCHED)
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    source = models.CharField(max_length=320, blank=True, help_text="who says so")
    url = models.CharField("address", max_length=300, blank=True)
    external_id = models.CharField(
        max_length=300, blank=True, help_text="what its source calls it, such as a Message-ID"
    )
    happened_on = models.DateField(null=True, blank=True)
    tlp = models.CharField("marking", max_length=14, choices=TLPS, blank=True)
    techniques = models.JSONField(default=list, blank=True, help_text="ids of techniques")
    via = models.CharField(max_length=4, choices=Via)
    noted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="empty: a command"
    )
    noted_at = models.DateTimeField()
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True, help_text="what came of it")

    objects = WatchEntryQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        verbose_name_plural = "watch entries"
        indexes = (
            models.Index(fields=["status", "-number"], name="watch_entry_by_status"),
            models.Index(fields=["kind", "-number"], name="watch_entry_by_kind"),
        )
        constraints = (
            models.CheckConstraint(
                name="a_watch_entry_is_about_a_vendor_or_a_server",
                condition=Q(server__isnull=False, vendor__isnull=True, unit__isnull=False)
                | Q(server__isnull=True, vendor__isnull=False, unit__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["vendor", "external_id"], name="a_notice_about_a_vendor_is_noted_once",
                condition=Q(vendor__isnull=False) & ~Q(external_id=""),
            ),
            models.UniqueConstraint(
                fields=["server", "external_id"], name="a_notice_about_a_server_is_noted_once",
                condition=Q(server__isnull=False) & ~Q(external_id=""),
            ),
            models.CheckConstraint(
                name="a_settled_watch_entry_says_when_and_what_came_of_it",
                condition=~Q(status="settled") | Q(settled_at__isnull=False) & ~Q(outcome=""),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        """Return e.g. "WE-3 Breach of Acme"."""
        return f"{self.ref} {self.title}"

    @property
    def subject(self) -> Server | Vendor:
        """Return the server or vendor that it is about."""
        return self.server or self.vendor  # type: ignore[return-value]  # a constraint says that one is there
