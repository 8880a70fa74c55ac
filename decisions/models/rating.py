"""The current rating of a server, kept for lists, and the history of its changes."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import models
from django.db.models import Q

from accounts.access import ScopedQuerySet
from assessments.models import Assessment
from catalogue.models import Dimension
from riskregister.ids import uuid7
from scoring import assurance
from scoring.scales import Band, Residual
from vendors.models import Server


class RatingQuerySet(ScopedQuerySet["ServerRating"]):
    """Ratings of the servers a person may see."""

    unit_path = "server__unit_id"


def _dimension_percent() -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(max_digits=5, decimal_places=2, null=True, editable=False)


class ServerRating(models.Model):
    """The newest rating of a server, worked out by `ratings.refresh`; a row exists from registration on.

    `score` is the exact overall assurance score as text ("8620/120"), empty when not assessed; `score_percent` is it
    rounded half-up to two places, for lists only. `changes_at` is when the clock alone will next change it.
    `worse_since` is since when a server in use has been worse than what was approved.
    The five `*_percent` fields are the dimensions' scores, rounded the same way when the row is saved: the dashboard
    averages them over thousands of servers, which the exact fractions in `dimensions` are too slow for.
    """

    server = models.OneToOneField(Server, primary_key=True, on_delete=models.CASCADE, related_name="rating")
    as_of = models.DateTimeField()
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    score = models.CharField(max_length=120, blank=True)
    score_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    band = models.CharField(max_length=14, blank=True)
    residual = models.CharField(max_length=14)
    residual_computed = models.CharField(max_length=14)
    residual_rank = models.PositiveSmallIntegerField(help_text="0 not assessed (worst), 1 critical … 4 low")
    dimensions = models.JSONField(default=dict, help_text="dimension -> score, band, coverage, confidence as text")
    provenance_percent = _dimension_percent()
    permission_scope_percent = _dimension_percent()
    data_handling_percent = _dimension_percent()
    security_posture_percent = _dimension_percent()
    operational_resilience_percent = _dimension_percent()
    coverage = models.CharField(max_length=40, blank=True)
    confidence = models.CharField(max_length=40, blank=True)
    caps = models.JSONField(default=list)
    changes_at = models.DateTimeField(null=True)
    next_review_on = models.DateField(null=True)
    approved_until = models.DateField(null=True)
    worse_since = models.DateTimeField(null=True)

    objects = RatingQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=["residual_rank", "score_percent", "server"], name="rating_by_risk"),
            models.Index(fields=["score_percent", "server"], name="rating_by_score"),
            models.Index(fields=["next_review_on", "server"], name="rating_by_review"),
            models.Index(fields=["approved_until", "server"], name="rating_by_end"),
            models.Index(fields=["band", "residual_rank", "score_percent", "server"], name="rating_by_band"),
            models.Index(fields=["changes_at"], name="rating_by_change"),
            models.Index(fields=["worse_since"], name="rating_got_worse", condition=Q(worse_since__isnull=False)),
        )

    def __str__(self) -> str:
        """Return the residual risk."""
        return self.residual

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Round the dimensions' scores into their fields, then save."""
        self.round()
        super().save(*args, **kwargs)

    def round(self) -> None:
        """Round the dimensions' scores into their fields."""
        for dimension in Dimension.values:
            written = self.dimensions.get(dimension, {}).get("score")
            setattr(self, f"{dimension}_percent", assurance.percent(None if written is None else Fraction(written)))


class RatingRecord(models.Model):
    """One change of a server's rating with its reason; append-only (triggers)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="rating_history")
    at = models.DateTimeField()
    reason = models.CharField(max_length=250)
    score = models.CharField(max_length=120, blank=True)
    score_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    band = models.CharField(max_length=14, blank=True)
    was = models.CharField(max_length=14, help_text="the residual risk before")
    residual = models.CharField(max_length=14)
    body = models.TextField(help_text="the whole rating as canonical JSON")

    class Meta:
        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=["server", "-at"], name="rating_history_by_server"),
            models.Index(fields=["-at", "-id"], name="rating_history_by_time"),
        )

    def __str__(self) -> str:
        """Return the reason."""
        return self.reason


# What a reader would call the rating, with what it rests on; its moment is not part of it.
RATED = (
    *("assessment", "score", "score_percent", "band", "residual", "residual_computed", "residual_rank", "dimensions"),
    *(f"{dimension}_percent" for dimension in Dimension.values),
    *("coverage", "confidence", "caps"),
)
# What a server has from its registration on.
_NOTHING: dict[str, Any] = dict.fromkeys(RATED, "") | {
    "assessment": None,
    "score_percent": None,
    **{f"{dimension}_percent": None for dimension in Dimension.values},
    "dimensions": {},
    "caps": [],
}
UNRATED = _NOTHING | {
    "band": Band.NOT_ASSESSED.value,
    "residual": Residual.NOT_ASSESSED.value,
    "residual_computed": Residual.NOT_ASSESSED.value,
    "residual_rank": Residual.NOT_ASSESSED.rank,
}
