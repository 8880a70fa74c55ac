"""Indicators: what a feed says is bad, by values that can be met."""

from datetime import datetime
from functools import reduce
from operator import and_
from typing import Any, Self

from django.db import models
from django.db.models import Case, Q, Value, When

from accounts.access import OrganisationQuerySet
from feeds.models import Feed
from intelligence.reading.indicators import Kind, Tlp
from riskregister.ids import uuid7

KINDS = [(one.value, word) for one, word in zip(
    Kind, ("Domain", "IP address", "Network", "Address on the web", "Package", "File", "Maintainer"), strict=True
)]  # fmt: skip
IN_FORCE = "in_force"
STANDINGS = {
    IN_FORCE: "In force",
    "taken_back": "Taken back",
    "gone": "Gone from its feed",
    "expired": "Expired",
    "not_yet": "Not valid yet",
    "no_confidence": "Its source does not trust it",
    "not_matched": "Cannot be matched",
}
TLPS = [(one.value, f"TLP:{one.value.upper()}") for one in Tlp]


class IndicatorQuerySet(OrganisationQuerySet["Indicator"]):
    """Indicators, which the whole organisation sees."""

    def with_standing(self, *, now: datetime) -> Self:
        """Return them with how each stands as a column: in force, or why it hits nothing."""
        cases = [When(condition, then=Value(word)) for word, condition in Indicator.reasons(now=now).items()]
        return self.annotate(standing=Case(*cases, default=Value(IN_FORCE)))


class Indicator(models.Model):
    """Something that a feed says is bad: one row for each that the feed names, by the feed's own id.

    `kind` and `value` are those of its first term, for lists; it hits by its terms. One without terms cannot be
    matched, and `unmatched` says why; it also says what is left out of one that can. `gone_at`: since when its feed has
    it no more. What the source wrote is shown as it came, marked, and never believed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    feed = models.ForeignKey(Feed, on_delete=models.PROTECT, related_name="indicators")
    external_id = models.CharField(max_length=300)
    kind = models.CharField(max_length=10, choices=KINDS, blank=True, help_text="empty: it cannot be matched")
    value = models.CharField(max_length=700, blank=True)
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    written = models.TextField(blank=True, help_text="as its source wrote it, such as a pattern")
    unmatched = models.CharField(max_length=800, blank=True, help_text="what of it cannot be matched, and why")
    confidence = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="0 to 100; empty: its source is silent"
    )
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    modified = models.DateTimeField(null=True, blank=True, help_text="when its source changed it last")
    is_revoked = models.BooleanField("taken back", default=False)
    gone_at = models.DateTimeField(null=True, blank=True, help_text="since when its feed has it no more")
    tlp = models.CharField("marking", max_length=14, choices=TLPS, blank=True)
    names = models.JSONField(default=list, blank=True, help_text="what its source connects with it")
    techniques = models.JSONField(default=list, blank=True, help_text="ids of techniques")
    digest = models.CharField(max_length=64, help_text="SHA-256 of all that its source says of it")
    taken_at = models.DateTimeField()
    changed_at = models.DateTimeField(help_text="when the register last took in another state of it")

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        ordering = ("-taken_at", "-id")
        indexes = (
            models.Index(fields=["-taken_at", "-id"], name="indicator_by_time"),
            models.Index(fields=["kind", "-taken_at", "-id"], name="indicator_by_kind_time"),
            models.Index(fields=["feed", "-taken_at", "-id"], name="indicator_by_feed_time"),
            models.Index(fields=["feed", "changed_at"], name="indicator_by_change"),
        )
        constraints = (
            models.UniqueConstraint(fields=["feed", "external_id"], name="a_feed_names_an_indicator_once"),
            models.CheckConstraint(
                name="a_confidence_is_a_percentage", condition=Q(confidence__isnull=True) | Q(confidence__lte=100)
            ),
            models.CheckConstraint(
                name="an_indicator_that_cannot_be_matched_says_why", condition=~Q(kind="") | ~Q(unmatched="")
            ),
        )

    def __str__(self) -> str:
        """Return what it says, in its source's words."""
        return self.title

    def standing_at(self, *, now: datetime) -> str:
        """Return how it stands at a moment, in the words of `STANDINGS`; one statement."""
        rows: Any = Indicator.objects.filter(pk=self.pk).with_standing(now=now)
        return str(rows.values_list("standing", flat=True).get())

    @classmethod
    def reasons(cls, *, now: datetime, path: str = "") -> dict[str, Q]:
        """Return why an indicator (at the path) hits nothing, by the word for it; the first that fits counts.

        One in which its source has no confidence at all (0) hits nothing.
        """
        conditions: dict[str, dict[str, Any]] = {
            "taken_back": {"is_revoked": True},
            "gone": {"gone_at__isnull": False},
            "expired": {"valid_until__lte": now},
            "not_yet": {"valid_from__gt": now},
            "no_confidence": {"confidence": 0},
            "not_matched": {"kind": ""},
        }
        return {word: Q(**{f"{path}{name}": value for name, value in how.items()}) for word, how in conditions.items()}

    @classmethod
    def holds(cls, *, now: datetime, path: str = "") -> Q:
        """Return the condition that an indicator (at the path) hits something if it meets it."""
        reasons = cls.reasons(now=now, path=path)
        ends = Q(**{f"{path}valid_until__isnull": True}) | ~reasons.pop("expired")
        begins = Q(**{f"{path}valid_from__isnull": True}) | ~reasons.pop("not_yet")
        trusted = Q(**{f"{path}confidence__isnull": True}) | ~reasons.pop("no_confidence")
        return reduce(and_, (~one for one in reasons.values()), ends & begins & trusted)


class IndicatorTerm(models.Model):
    """One value by which an indicator is met, in one of its ways; a way hits when all of its terms are met at once.

    `key` is the digest of kind and value, by which it is looked up: values can be longer than an index takes.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="terms")
    way = models.PositiveSmallIntegerField()
    together = models.PositiveSmallIntegerField(default=1, help_text="how many terms its way has")
    kind = models.CharField(max_length=10, choices=KINDS)
    value = models.TextField()
    version = models.CharField(max_length=255, blank=True, help_text="of a package; empty: every version")
    key = models.CharField(max_length=64, db_index=True)

    class Meta:
        ordering = ("way", "id")

    def __str__(self) -> str:
        """Return e.g. "Package npm:left-pad 1.0.0"."""
        return f"{self.get_kind_display()} {self.value} {self.version}".strip()
