"""The room's days: by when a vendor is to be assessed again, while its last assessment stands."""

from typing import Any

from django.db.models import QuerySet

from assessments import suppliers, vendor_cadence
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
)
