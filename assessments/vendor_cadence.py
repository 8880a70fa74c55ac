"""When a vendor is to be assessed again: so many days after its last assessment, by how much we depend on it."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, DateTimeField, ExpressionWrapper, F, Value, When
from django.db.models.functions import TruncDate
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


def next_due() -> TruncDate:
    """Return the same as a column of assessments of vendors, so that it follows the criticality as it is today."""
    spans = [When(vendor__criticality=word, then=_after(days)) for word, days in DAYS.items()]
    return TruncDate(Case(*spans, default=_after(NOT_JUDGED), output_field=DateTimeField()))


def _after(days: int) -> Any:
    return ExpressionWrapper(F("finalised_at") + Value(timedelta(days=days)), output_field=DateTimeField())
