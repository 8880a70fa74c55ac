"""The room's days: by when answers are due, and by when a vendor is to be assessed again."""

from typing import Any

from django.db.models import QuerySet

from assessments import suppliers, vendor_cadence
from assessments.models import Assessment
from jobs import dated, tasks
from vendors.models import Vendor


def _standing() -> "QuerySet[Any]":
    """Return the final assessments of vendors with whom we still work, with the day until which each counts."""
    rows = suppliers.in_force().exclude(vendor__status=Vendor.Status.OFFBOARDED)
    return rows.annotate(counts_until=vendor_cadence.next_due())


tasks.tell_days_of(
    dated.Dated(
        "assessment",
        _standing,
        day="counts_until",
        ahead="assessment.ageing",
        passed="assessment.too_old",
        before=(30, 7, 0),
    ),
    dated.Dated(
        "answers",
        lambda: Assessment.objects.filter(status=Assessment.Status.DRAFT),
        day="due_on",
        ahead="assessment.due_soon",
        passed="assessment.overdue",
    ),
)
