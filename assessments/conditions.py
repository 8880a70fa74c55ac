"""Conditions of approvals whose day has passed: each becomes a finding, once."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from assessments import observing, sweeps
from assessments.models import Approval, Condition
from audit import trail
from audit.context import SYSTEM


def record_missed(*, now: datetime) -> int:
    """Raise the findings of conditions that were not met in time, and return how many; each in its own transaction.

    Conditions of an approval that is no longer in force bind nobody.
    """
    passed = Condition.objects.filter(
        met_at__isnull=True,
        finding__isnull=True,
        due_on__lt=timezone.localdate(now),
        approval__status=Approval.Status.GRANTED,
    )
    return sum(_miss(key, now=now) for key in sweeps.keys(passed))


@transaction.atomic
def _miss(key: UUID, *, now: datetime) -> bool:
    """Return whether this sweep raised the finding; the row is held, so that of two sweeps at once one does."""
    held = Condition.objects.select_for_update(of=("self",)).filter(pk=key, met_at__isnull=True, finding__isnull=True)
    condition = held.select_related("approval__server__owner").first()
    if condition is None:
        return False
    condition.finding = observing.miss_condition(condition, now=now)
    condition.save(update_fields=["finding"])
    server = condition.approval.server
    trail.record(
        "condition.missed",
        condition,
        by=SYSTEM,
        at=now,
        unit_id=server.unit_id,
        concerns=server,
        finding=condition.finding.ref,
    )
    return True
