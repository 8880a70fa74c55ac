"""When a vendor is to be assessed again: so many days after its last assessment, by how much we depend on it."""

from datetime import date, datetime, timedelta

from django.db.models import Case, DateField, DateTimeField, DurationField, ExpressionWrapper, Value, When
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone

from vendors.models import Criticality, Vendor

# Yearly is what DORA (article 28) and ISO/IEC 27036 lead to for what matters; a vendor of which nobody judged how much
# we depend on it is treated as one that matters.
DAYS = {
    Criticality.CRITICAL: 182,
    Criticality.HIGH: 365,
    Criticality.MEDIUM: 547,
    Criticality.LOW: 730,
}
NOT_JUDGED = 365


def days_of(criticality: str) -> int:
    """Return for how many days the assessment of a vendor of this criticality (empty: not judged) counts."""
    return DAYS[Criticality(criticality)] if criticality else NOT_JUDGED


def next_due_on(vendor: Vendor, *, judged_at: datetime) -> date:
    """Return the last day on which a final assessment of the vendor counts; by then there is to be another."""
    return timezone.localdate(judged_at) + timedelta(days=days_of(vendor.criticality))


def next_due() -> Cast:
    """Return the same as a column of assessments of vendors, so that it follows the criticality as it is today."""
    spans = [When(vendor__criticality=word, then=Value(timedelta(days=days))) for word, days in DAYS.items()]
    span = Case(*spans, default=Value(timedelta(days=NOT_JUDGED)), output_field=DurationField())
    # Counted from the day, not the hour: half a year later the clock stands an hour before or behind.
    return Cast(ExpressionWrapper(TruncDate("finalised_at") + span, output_field=DateTimeField()), DateField())
