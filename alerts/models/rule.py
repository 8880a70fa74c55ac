"""Rules: who is told of what, beside those whom the rooms declare."""

from django.db import models
from django.db.models import Q

from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from alerts.models.channel import Channel
from audit.events import Pace
from numbering.models import Numbered
from riskregister import tags, transitions
from scoring.scales import Severity


class AlertRuleQuerySet(ScopedQuerySet["AlertRule"]):
    """Rules of the units a person works in; those of the whole organisation are for whoever works in all of it."""

    def active(self) -> "AlertRuleQuerySet":
        """Return those by which somebody is told."""
        return self.filter(status=AlertRule.Status.ACTIVE)


class AlertRule(Numbered):
    """Of which events of a unit (none: of all of them) it tells, whom, and how soon.

    It adds to what is told anyway and holds nothing back. `about` are kinds of things (`alerts/recipients/kinds.py`)
    and verbs of events; the rest narrows that, where it is said. `places` are the places that somebody holds in what it
    is about. A new one is paused, so that what it would have said can be looked at first.
    """

    class Status(models.TextChoices):
        """Whether it tells anybody."""

        PAUSED = "paused"
        ACTIVE = "active"
        RETIRED = "retired"

    class Speed(models.TextChoices):
        """How soon; what is critical is told at once whatever is chosen."""

        AT_ONCE = Pace.SOON.value, "At once"
        DIGEST = Pace.DAILY.value, "In the digest of the day"

    TRANSITIONS = transitions.table(paused="active retired", active="paused retired")

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="alert_rules")
    name = models.CharField(max_length=120)
    about = models.JSONField(default=list)
    least_severity = models.PositiveSmallIntegerField(null=True, blank=True, choices=Severity.choices())
    tiers = models.JSONField(default=list)
    vendor = models.ForeignKey("vendors.Vendor", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    tag = models.CharField("tag of the server", max_length=tags.LONGEST, blank=True)
    places = models.JSONField(default=list)
    people = models.ManyToManyField(User, related_name="+", blank=True)
    channels = models.ManyToManyField(Channel, related_name="rules", blank=True)
    pace = models.CharField("how soon", max_length=10, choices=Speed, default=Speed.AT_ONCE)
    status = models.CharField(max_length=10, choices=Status, default=Status.PAUSED)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    broken_at = models.DateTimeField(null=True, blank=True, editable=False)
    broken_why = models.CharField(max_length=200, blank=True, editable=False)

    objects = AlertRuleQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.CheckConstraint(
                name="a_broken_rule_says_when", condition=Q(broken_why="") | Q(broken_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "AR-3 Critical findings"."""
        return f"{self.ref} {self.name}"

    @property
    def whose(self) -> str:
        """Return the unit, or that it is of the whole organisation."""
        return self.unit.name if self.unit else "The whole organisation"
