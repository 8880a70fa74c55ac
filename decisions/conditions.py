"""Conditions of approvals: met in time, or missed; then each becomes a finding, once, and is met when that is fixed."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from audit import trail
from audit.context import SYSTEM
from decisions.models import Approval, Condition
from findings import following, observing
from findings.models import Finding, FixClaim
from riskregister import sweeps
from riskregister.transitions import change_if
from scoring import deadlines
from scoring.scales import Severity


def record_missed(*, now: datetime) -> int:
    """Raise the findings of conditions that were not met in time, and return how many; each in its own transaction.

    Conditions of an approval that is no longer in force bind nobody.
    """
    passed = _unmet().filter(due_on__lt=timezone.localdate(now))
    return sum(_miss(key, now=now) for key in sweeps.keys(passed))


def meet(condition: Condition, *, note: str, by: User, now: datetime) -> bool:
    """Note that a condition is met; return whether it was not before. Part of a step."""
    if not change_if(condition, {"met_at": None}, met_at=now, met_by=by, met_note=note):
        return False
    approval = condition.approval
    trail.record("condition.met", approval, by=by, at=now, reason=note, concerns=approval.server, text=condition.text)
    return True


def settle(claim: FixClaim, *, now: datetime) -> None:
    """Note that the missed condition behind a finding is met, as the claim says that was verified. Part of a step."""
    for condition in Condition.objects.filter(finding=claim.finding_id, met_at=None).select_related("approval__server"):
        meet(condition, note=claim.note, by=claim.claimed_by, now=now)


def _unmet() -> "QuerySet[Condition]":
    in_force = Approval.Status.GRANTED
    return Condition.objects.filter(met_at__isnull=True, finding__isnull=True, approval__status=in_force)


@transaction.atomic
def _miss(key: UUID, *, now: datetime) -> bool:
    """Return whether this sweep raised the finding; the row is held, so that of two sweeps at once one does."""
    held = _unmet().select_for_update(of=("self",)).filter(pk=key)
    condition = held.select_related("approval__server__owner").first()
    if condition is None:
        return False
    condition.finding = _raise(condition, now=now)
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


def _raise(condition: Condition, *, now: datetime) -> Finding:
    """Return the finding of High severity that a missed condition of an approval becomes."""
    finding = observing.open_on(
        condition.approval.server,
        source=Finding.Source.CONDITION,
        key=str(condition.pk),
        title=f"A condition of {condition.approval.ref} was not met by {deadlines.written(condition.due_on)}",
        description=condition.text,
        severity=Severity.HIGH,
        now=now,
    )
    following.changed(finding, reason=f"{finding.ref}: a condition was missed.", now=now)
    return finding
