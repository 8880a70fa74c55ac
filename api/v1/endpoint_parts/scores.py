"""How scores and ratings are written: exact fractions as text, and beside them rounded for reading."""

from fractions import Fraction
from typing import Any

from rest_framework import serializers

from api.fields import Choice, Moment
from catalogue.models import Dimension
from scoring import assurance, rating, scoresheet
from scoring.interval import Interval, Span


class DimensionProgress(serializers.Serializer[Any]):
    """How far one dimension is."""

    dimension = Choice(choices=Dimension.choices)
    applicable = serializers.IntegerField()
    answered = serializers.IntegerField()
    with_evidence = serializers.IntegerField()
    is_complete = serializers.BooleanField()


class Progress(serializers.Serializer[Any]):
    """How far an assessment is, and the digest of its answers."""

    digest = serializers.CharField()
    dimensions = DimensionProgress(many=True)


class Number(serializers.Serializer[Any]):
    """A number between 0 and 100: exact, and rounded half-up to two places."""

    exact = serializers.CharField(help_text='e.g. "8620/120"')
    shown = serializers.CharField(help_text='e.g. "71.83"')


class SpanOut(serializers.Serializer[Any]):
    """The lowest and the highest that can come out."""

    low = Number()
    high = Number()


class DimensionSpan(serializers.Serializer[Any]):
    """Where one dimension can end; null where nothing of it applies."""

    dimension = Choice(choices=Dimension.choices)
    span = SpanOut(allow_null=True)


class ScoreInterval(serializers.Serializer[Any]):
    """Where the score can still end; `needs_acceptance` names dimensions of which much does not apply."""

    overall = SpanOut(allow_null=True)
    dimensions = DimensionSpan(many=True)
    coverage = serializers.CharField(allow_null=True)
    needs_acceptance: Any = serializers.ListField(child=serializers.CharField())


class CapOut(serializers.Serializer[Any]):
    """A cap on a rating; `subject` is what it comes from: a finding, a question key, a dimension or an occasion."""

    id = serializers.CharField()
    subject = serializers.CharField()
    question = serializers.CharField(default="", help_text="the question in words, when `subject` is a question")
    at_most = serializers.CharField(help_text='exact, e.g. "84"')
    reason = serializers.CharField()
    lifted_by = serializers.CharField(help_text="what would lift it")
    binds = serializers.BooleanField(help_text="whether the score before caps is above it")
    lifted_until = serializers.DateField(allow_null=True)


class RatingPreview(serializers.Serializer[Any]):
    """A rating as it would be; `caps` hold it down, and say why."""

    overall = Number(allow_null=True)
    band = serializers.CharField()
    residual = serializers.CharField()
    caps = CapOut(many=True)


class SnapshotOut(serializers.Serializer[Any]):
    """A frozen assessment; `digest` is the SHA-256 of `body` as canonical JSON."""

    digest = serializers.CharField()
    created_at = Moment()
    body = serializers.DictField()


def interval_shown(found: Interval) -> dict[str, Any]:
    """Return an interval as it is sent."""
    return {
        "overall": _span(found.overall),
        "dimensions": [{"dimension": key, "span": _span(span)} for key, span in found.dimensions.items()],
        "coverage": scoresheet.text(found.coverage),
        "needs_acceptance": list(found.needs_acceptance),
    }


def preview_shown(found: rating.Rating) -> dict[str, Any]:
    """Return a rating as it is sent."""
    return {
        "overall": None if found.overall is None else number_shown(found.overall),
        "band": found.band.value,
        "residual": found.residual.value,
        "caps": rating.write(found)["caps"],
    }


def number_shown(exact: Fraction) -> dict[str, str]:
    """Return a number as it is sent: exact, and rounded."""
    return {"exact": scoresheet.text(exact) or "", "shown": str(assurance.shown(exact))}


def _span(span: Span | None) -> dict[str, Any] | None:
    return None if span is None else {"low": number_shown(span.low), "high": number_shown(span.high)}
