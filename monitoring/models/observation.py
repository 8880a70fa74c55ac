"""What collectors saw of servers, from first to last."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from accounts.access import ScopedQuerySet
from findings.models import Finding
from monitoring.models.run import FRESH, Collector, Run
from riskregister.ids import uuid7
from scoring.scales import Severity
from vendors.models import Server


class ObservationQuerySet(ScopedQuerySet["Observation"]):
    """What was observed of the servers of the units a person works in."""

    unit_path = "server__unit_id"

    def fresh(self, *, now: datetime) -> Self:
        """Return what the last complete look of its collector still saw, and saw so lately that it counts."""
        lately = Q()
        for collector, lasts in FRESH.items():
            lately |= Q(collector=collector, ages_from__gte=now - lasts)
        return self.alias(ages_from=Coalesce("run__as_of", "last_seen_at")).filter(lately, is_seen=True)


class Observation(models.Model):
    """Something that a collector sees of a server at an address, under a key of its own, from first to last.

    `value` is as it was seen last, and `value_since` when it was first seen so. `is_seen`: whether the last complete
    run still saw it. What became of it, if anything, is a finding. `fact` is the name of the fact that it bears on, of
    `comparisons.FACTS`, empty for none, and `holds` whether that is so.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="observations")
    collector = models.CharField(max_length=20, choices=Collector)
    address = models.CharField(max_length=700, blank=True, help_text="of the run, where it was seen")
    key = models.CharField(max_length=120)
    words = models.CharField(max_length=300)
    value = models.CharField(max_length=500, blank=True)
    value_since = models.DateTimeField()
    severity = models.PositiveSmallIntegerField(
        choices=Severity.choices(), null=True, blank=True, help_text="empty for what is a fact and no fault"
    )
    is_assessed = models.BooleanField(default=True, help_text="no: the value says why nothing is known of it")
    fact = models.CharField(max_length=40, blank=True, help_text="that it bears on, with which answers are compared")
    holds = models.BooleanField(null=True, blank=True, help_text="whether the fact is so; empty where it is about none")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    is_seen = models.BooleanField(default=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="observations", help_text="that saw it last")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, null=True, blank=True, related_name="observations")

    objects = ObservationQuerySet.as_manager()

    class Meta:
        ordering = ("-last_seen_at", "-id")
        indexes = (
            models.Index(fields=["-last_seen_at", "-id"], name="observation_by_time"),
            # Which findings a look raised.
            models.Index(
                fields=["collector", "finding"], name="observation_by_finding", condition=Q(finding__isnull=False)
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["server", "collector", "address", "key"], name="a_collector_sees_a_thing_at_an_address_once"
            ),
            models.CheckConstraint(
                name="an_observation_says_whether_its_fact_is_so",
                condition=Q(fact="", holds__isnull=True) | ~Q(fact="") & Q(holds__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return it in words, with its value."""
        return f"{self.words}: {self.value}" if self.value else self.words

    @property
    def fresh_until(self) -> datetime:
        """Return until when it counts."""
        return self.seen_at + FRESH[Collector(self.collector)]

    @property
    def seen_at(self) -> datetime:
        """Return when it was found, from when on it ages: what was read elsewhere can be older than the look."""
        return self.run.as_of or self.last_seen_at

    def state(self, *, now: datetime) -> str:
        """Return how it stands: fresh, stale (seen too long ago), gone (not seen any more), or not assessed."""
        if not self.is_seen:
            return "gone"
        if not self.is_assessed:
            return "not_assessed"
        return "fresh" if self.fresh_until >= now else "stale"
